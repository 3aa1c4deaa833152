import { simulatedClients, stableGuid } from '@sallyport/scenario';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { runSimulator, type RunningSimulator, tenantId } from './testing/running-simulator';

const reader = simulatedClients.contextReader;
let tenant: RunningSimulator;
let graphScope: string;

beforeAll(async () => {
  tenant = await runSimulator();
  ({ graphScope } = tenant);
  await tenant.load({ users: [{ key: 'ines' }] });
});
afterAll(() => tenant.stop());

const origin = () => `https://localhost:${tenant.simulator.port}`;
const ask = (form: Record<string, string>, id = tenantId) =>
  tenant.call('POST', `/${id}/oauth2/v2.0/token`, { form: { grant_type: 'client_credentials', ...form } });

describe('the token endpoint', () => {
  it('gives an application its granted permissions as roles', async () => {
    const token = await tenant.token(reader, graphScope);
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    expect(claims).toMatchObject({ appid: reader.appId, tid: tenantId, aud: origin() });
    expect(claims.roles).toEqual([...reader.permissions]);
  });

  it.each([
    ['a wrong secret', () => ({ client_secret: 'x' }), 401, 'invalid_client'],
    ['an unknown client', () => ({ client_id: 'x' }), 400, 'unauthorized_client'],
    ['a scope that is not a resource of ours', () => ({ scope: 'User.Read' }), 400, 'invalid_scope'],
    [
      'the scope of another cloud’s Graph',
      () => ({ scope: 'https://graph.microsoft.com/.default' }),
      400,
      'invalid_scope',
    ],
    [
      'two resources at once',
      () => ({ scope: `${graphScope} https://api.botframework.com/.default` }),
      400,
      'invalid_scope',
    ],
  ])('refuses %s', async (_what, over, status, error) => {
    const right = { client_id: reader.appId, client_secret: reader.secret, scope: graphScope };
    const reply = await ask({ ...right, ...over() });
    expect([reply.status, reply.json.error]).toEqual([status, error]);
  });

  it('knows no other tenant', async () => {
    const form = { client_id: reader.appId, client_secret: reader.secret, scope: graphScope };
    expect((await ask(form, stableGuid('tenant', 'other'))).json.error_description).toContain('AADSTS90002');
  });
});

it('serves a real ClientSecretCredential and a real Graph client', async () => {
  const argument = JSON.stringify({
    origin: origin(),
    tenantId,
    appId: reader.appId,
    secret: reader.secret,
    userId: stableGuid('user', 'ines'),
  });
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [join(__dirname, 'testing', 'real-clients.cjs'), argument],
    { env: { ...process.env, NODE_EXTRA_CA_CERTS: join(tenant.folder, 'ca.pem') }, timeout: 50_000 },
  );
  const { user, missing } = JSON.parse(stdout);
  expect(user).toMatchObject({ id: stableGuid('user', 'ines'), accountEnabled: true });
  expect(missing).toMatchObject({ statusCode: 404, code: 'Request_ResourceNotFound' });
});
