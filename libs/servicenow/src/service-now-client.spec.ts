import { createServiceNowClient } from './service-now-client';
import {
  aclRefusal,
  hibernating,
  noRecord,
  patienceFor,
  tableServer,
  type Route,
  type Scripted,
} from './table-server.fixture';

type Server = Awaited<ReturnType<typeof tableServer>>;
let server: Server;
afterEach(() => server?.stop());
const read = { method: 'GET', resource: 'incident', query: { sysparm_limit: '1' } } as const;
const serving = async (routes: Record<string, Route>, timeoutMs?: number) =>
  (server = await tableServer(routes, timeoutMs)).client;
const tokens = () => server.received.filter(({ path }) => path === '/oauth_token.do');

it('pins UTC database values and plain references, and sends the token', async () => {
  const client = await serving({ 'GET incident': { status: 200, body: { result: [] } } });
  await client.call(read);
  const [call] = server.calls();
  expect(Object.fromEntries(call!.query)).toEqual({
    sysparm_display_value: 'false',
    sysparm_exclude_reference_link: 'true',
    sysparm_limit: '1',
  });
  expect(call!.authorization).toBe('Bearer token-1');
  expect(tokens()[0]!.body).toBe('grant_type=client_credentials&client_id=sallyport&client_secret=secret');
});

it('keeps a token until sixty seconds before its end, and asks once for many waiting callers', async () => {
  const client = await serving({ 'GET incident': { status: 200, body: { result: [] } } });
  await Promise.all([client.call(read), client.call(read), client.call(read)]);
  server.clock.now += (1_800 - 61) * 1_000;
  await client.call(read);
  expect(tokens()).toHaveLength(1);
  server.clock.now += 1_000;
  await client.call(read);
  expect(tokens()).toHaveLength(2);
});

it('takes a new token once after 401, and no third one', async () => {
  const refused: Scripted = { status: 401, body: { error: { message: 'User Not Authenticated' } } };
  const client = await serving({
    'GET incident': ({ authorization }) =>
      authorization === 'Bearer token-1' ? refused : { status: 200, body: { result: [] } },
    'GET sys_journal_field': refused,
  });
  expect((await client.call(read)).status).toBe(200);
  await expect(client.call({ ...read, resource: 'sys_journal_field' })).rejects.toMatchObject({
    kind: 'forbidden',
    status: 401,
  });
  expect(tokens()).toHaveLength(3);
});

it.each<[Scripted, object]>([
  [noRecord, { kind: 'notFound', retryable: false }],
  [aclRefusal, { kind: 'forbidden', retryable: false }],
  [
    { status: 429, body: {}, headers: { 'retry-after': '30' } },
    { kind: 'throttled', retryAfterMs: 30_000 },
  ],
  [
    { status: 503, body: {} },
    { kind: 'unavailable', retryable: true },
  ],
  [{ status: 400, body: {} }, { kind: 'rejected' }],
  [hibernating, { kind: 'unavailable', code: 'notJson', status: 200 }],
  [{ status: 404, html: 'no such page' }, { kind: 'unavailable' }],
  ['reset', { kind: 'unavailable', code: 'connection' }],
  ['silence', { kind: 'unavailable', code: 'timeout' }],
])('names the failure of %j', async (scripted, expected) => {
  const client = await serving({ 'GET incident': scripted }, patienceFor(scripted));
  await expect(client.call(read)).rejects.toMatchObject(expected);
  expect(server.calls()).toHaveLength(1);
});

it('says so where the credentials are wrong', async () => {
  const client = await serving({
    'POST /oauth_token.do': {
      status: 401,
      body: { error: 'access_denied', error_description: 'access_denied' },
    },
  });
  await expect(client.call(read)).rejects.toMatchObject({ kind: 'forbidden' });
});

it.each(['http://fabrikam.service-now.example', 'https://fabrikam.service-now.example/api'])(
  'refuses %s as an instance',
  (instanceUrl) => {
    expect(() => createServiceNowClient({ instanceUrl, clientId: 'c', clientSecret: 's' })).toThrow(
      TypeError,
    );
  },
);
