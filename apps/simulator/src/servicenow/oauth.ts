import { simulatedServiceNowClients, type SimulatedServiceNowClient } from '@sallyport/scenario';
import { randomBytes } from 'node:crypto';
import { type Answer, type Call } from '../surface';

const lifetimeSeconds = 1_800;
/** A service asks for one token per half hour; the oldest are forgotten first. */
const maxTokens = 1_000;

/** OAuth client credentials of the instance: opaque tokens that act as the client's integration user. */
export class OAuth {
  private readonly tokens = new Map<string, { client: SimulatedServiceNowClient; expiresAtMs: number }>();
  private readonly clients = Object.values<SimulatedServiceNowClient>(simulatedServiceNowClients);

  /** `POST /oauth_token.do`, form-encoded. */
  issue(call: Call): Answer {
    const form = new URLSearchParams(call.text);
    const client = this.clients.find(
      ({ clientId, secret }) => clientId === form.get('client_id') && secret === form.get('client_secret'),
    );
    if (form.get('grant_type') !== 'client_credentials') return refused('unsupported_grant_type');
    if (client === undefined) return refused('invalid_client');
    const accessToken = randomBytes(48).toString('base64url');
    const oldest = this.tokens.keys().next();
    if (this.tokens.size >= maxTokens && !oldest.done) this.tokens.delete(oldest.value);
    // By the machine's clock, for the reason given at the Entra tokens.
    this.tokens.set(accessToken, { client, expiresAtMs: Date.now() + lifetimeSeconds * 1_000 });
    return {
      status: 200,
      body: {
        access_token: accessToken,
        scope: 'useraccount',
        token_type: 'Bearer',
        expires_in: lifetimeSeconds,
      },
    };
  }

  whoHolds(authorization: string | undefined): SimulatedServiceNowClient | null {
    const token = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1];
    const held = token === undefined ? undefined : this.tokens.get(token);
    return held !== undefined && held.expiresAtMs > Date.now() ? held.client : null;
  }
}

const refused = (error: string): Answer => ({
  status: 401,
  body: { error, error_description: 'access_denied' },
});
