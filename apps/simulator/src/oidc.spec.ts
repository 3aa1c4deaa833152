import { simulatedClients, stableGuid } from '@sallyport/scenario';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { createHash } from 'node:crypto';
import { runSimulator, type RunningSimulator } from './testing/running-simulator';

const { appId, secret } = simulatedClients.console;
const redirectUri = 'https://console.example/callback';
const verifier = 'v'.repeat(43);
let tenant: RunningSimulator;

beforeAll(async () => {
  tenant = await runSimulator();
  await tenant.load({
    users: [
      { key: 'olga', displayName: 'Olga <script>', consoleRoles: ['Sallyport.Operator'] },
      { key: 'left', deleted: true, displayName: 'Left Person' },
    ],
  });
});
afterAll(() => tenant.stop());

const authorize = (more: Record<string, string> = {}) => {
  const query = new URLSearchParams({
    client_id: appId,
    response_type: 'code',
    scope: 'openid profile',
    redirect_uri: redirectUri,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    nonce: 'n-1',
    state: 's-1',
    ...more,
  });
  return tenant.call('GET', `/oidc/authorize?${query.toString()}`);
};
const codeFor = async (hint: string) => {
  const reply = await authorize({ login_hint: hint });
  return new URL(String(reply.headers['location'])).searchParams.get('code') ?? '';
};
const exchange = (code: string, more: Record<string, string> = {}) =>
  tenant.call('POST', '/oidc/token', {
    form: {
      grant_type: 'authorization_code',
      client_id: appId,
      client_secret: secret,
      code,
      code_verifier: verifier,
      redirect_uri: redirectUri,
      ...more,
    },
  });

it('signs a person in with the roles of the console', async () => {
  const discovery = (await tenant.call('GET', '/oidc/.well-known/openid-configuration')).json;
  const keys = (await tenant.call('GET', new URL(discovery.jwks_uri).pathname)).json;
  const { json } = await exchange(await codeFor('olga'));
  const { payload } = await jwtVerify(json.id_token, createLocalJWKSet(keys), {
    issuer: discovery.issuer,
    audience: appId,
  });
  expect(payload).toMatchObject({
    oid: stableGuid('user', 'olga'),
    name: 'Olga <script>',
    preferred_username: 'olga@fabrikam.example',
    roles: ['Sallyport.Operator'],
    nonce: 'n-1',
    auth_time: expect.any(Number),
  });
});

it('offers the people to be as a page that runs nothing of theirs', async () => {
  const page = await authorize();
  expect(page.text).toContain('Olga &#60;script&#62;');
  expect(page.text).not.toContain('<script>');
  expect(page.text).not.toContain('Left Person');
});

it('gives a code to one exchange, with the right verifier and secret', async () => {
  const code = await codeFor('olga');
  expect((await exchange(code)).status).toBe(200);
  expect((await exchange(code)).json.error).toBe('invalid_grant');
  expect((await exchange(await codeFor('olga'), { code_verifier: 'other' })).json.error).toBe(
    'invalid_grant',
  );
  expect((await exchange(await codeFor('olga'), { client_secret: 'other' })).json.error).toBe(
    'invalid_client',
  );
});

it('refuses to authorize without PKCE and for other clients', async () => {
  expect((await authorize({ code_challenge_method: 'plain' })).status).toBe(400);
  expect((await authorize({ client_id: 'other' })).status).toBe(400);
});
