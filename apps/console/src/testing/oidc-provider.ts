import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Express } from 'express';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';

export const client = { id: 'console-client', secret: 'console-client-secret' };

/** What a person brings back from the provider; each part can be forged. */
export interface Answer {
  roles?: string[];
  claims?: JWTPayload;
  nonce?: string;
  state?: string;
  audience?: string;
  /** Signs with a key that the provider does not publish. */
  foreignKey?: boolean;
}

export interface OidcProvider {
  issuer: string;
  /** @returns where the provider sends the browser after somebody signed in at `authorizeUrl` */
  signIn(authorizeUrl: URL, answer: Answer): URL;
  close(): Promise<void>;
}

/** For specs only: an OpenID Connect provider on loopback whose people sign in by a method call. */
export async function startOidcProvider(port = 0): Promise<OidcProvider> {
  const own = await generateKeyPair('RS256');
  const foreign = await generateKeyPair('RS256');
  const publicJwk = { ...(await exportJWK(own.publicKey)), kid: 'own', alg: 'RS256', use: 'sig' };
  const codes = new Map<string, { request: URLSearchParams; answer: Answer }>();

  const app = express();
  const server = createServer(app).listen(port, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}/tenant`;

  publish(app, issuer, publicJwk);
  app.post('/tenant/token', express.urlencoded(), async (request, response) => {
    const form: Record<string, string> = request.body;
    const code = codes.get(form['code'] ?? '');
    codes.delete(form['code'] ?? '');
    const challenge = createHash('sha256')
      .update(form['code_verifier'] ?? '')
      .digest('base64url');
    if (
      form['client_id'] !== client.id ||
      form['client_secret'] !== client.secret ||
      code?.request.get('redirect_uri') !== form['redirect_uri'] ||
      code?.request.get('code_challenge') !== challenge
    ) {
      return void response.status(400).json({ error: 'invalid_grant' });
    }
    const { answer, request: asked } = code;
    const nowSeconds = Math.floor(Date.now() / 1_000);
    const idToken = await new SignJWT({
      iss: issuer,
      aud: answer.audience ?? client.id,
      sub: 'subject-of-ivo',
      iat: nowSeconds,
      exp: nowSeconds + 300,
      auth_time: nowSeconds,
      name: 'Ivo <b>Marek</b>',
      roles: answer.roles ?? [],
      nonce: answer.nonce ?? asked.get('nonce') ?? '',
      ...answer.claims,
    })
      .setProtectedHeader({ alg: 'RS256', kid: 'own' })
      .sign(answer.foreignKey ? foreign.privateKey : own.privateKey);
    response.json({ token_type: 'Bearer', access_token: 'unused', expires_in: 300, id_token: idToken });
  });

  return {
    issuer,
    signIn(authorizeUrl, answer) {
      const code = randomBytes(16).toString('hex');
      codes.set(code, { request: authorizeUrl.searchParams, answer });
      const back = new URL(authorizeUrl.searchParams.get('redirect_uri') ?? '');
      back.searchParams.set('code', code);
      back.searchParams.set('state', answer.state ?? authorizeUrl.searchParams.get('state') ?? '');
      return back;
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function publish(app: Express, issuer: string, jwk: object): void {
  app.get('/tenant/.well-known/openid-configuration', (_request, response) => {
    response.json({
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/keys`,
      response_types_supported: ['code'],
      subject_types_supported: ['pairwise'],
      id_token_signing_alg_values_supported: ['RS256'],
      code_challenge_methods_supported: ['S256'],
    });
  });
  app.get('/tenant/keys', (_request, response) => void response.json({ keys: [jwk] }));
}
