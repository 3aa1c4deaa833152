import { Router } from 'express';
import { type World } from './world';

export const botConnectorIssuer = 'https://api.botframework.com';

/** OpenID metadata and keys by which a bot checks what the Bot Connector sends. Endorsements name the channels. */
export function botFrameworkKeys({ keys }: World): Router {
  const router = Router();
  router.get('/v1/.well-known/openidconfiguration', (request, response) => {
    response.json({
      issuer: botConnectorIssuer,
      authorization_endpoint: 'https://invalid.botframework.com',
      jwks_uri: `https://${request.get('host')}/botframework/v1/.well-known/keys`,
      id_token_signing_alg_values_supported: ['RS256'],
      token_endpoint_auth_methods_supported: ['private_key_jwt'],
    });
  });
  router.get('/v1/.well-known/keys', (_request, response) => {
    response.json({ keys: [{ ...keys.botConnector.publicJwk, endorsements: ['msteams'] }] });
  });
  return router;
}
