import type { GetTokenOptions } from '@azure/identity';
import { EvidenceReader } from './evidence-reader';
import { graphClientWith } from './graph-client';
import { graphError, graphServer, stillRuntime, type Scripted } from './graph-server.fixture';

const ines = '3f1b6a52-7c0d-4e7e-9a0f-2b1f0d5c9e11';
const inner = (id: string, status: number, body: unknown, headers: Record<string, string> = {}) => ({
  id,
  status,
  headers,
  body,
});
const user = { id: ines, userPrincipalName: 'ines@fabrikam.example' };
const batchOf = (...responses: unknown[]): Scripted => ({ status: 200, body: { responses } });

type Server = Awaited<ReturnType<typeof graphServer>>;
let server: Server;
const reading = async (routes: Record<string, Scripted | Scripted[]>) => {
  server = await graphServer(routes);
  let token = 'first';
  const getToken = async (_scope: string | string[], { claims }: GetTokenOptions = {}) => {
    if (claims !== undefined) token = 'second';
    return { token, expiresOnTimestamp: Date.UTC(2100, 0, 1) };
  };
  const client = graphClientWith({ getToken }, { baseUrl: server.origin, batchDirectoryReads: true });
  return new EvidenceReader(client, ['case-1', 2], stillRuntime());
};
afterEach(() => server.stop());

it('directory reads of one moment travel together, each with an id of its own, and others do not', async () => {
  const reader = await reading({
    'POST /$batch': batchOf(
      inner('1', 404, { error: { code: 'Request_ResourceNotFound' } }),
      inner('0', 200, user, { 'request-id': 'inner-0' }),
    ),
    [`GET /identityProtection/riskyUsers/${ines}`]: graphError(404, 'ResourceNotFound'),
  });
  const [found, manager, risk] = await Promise.all([
    reader.user(ines),
    reader.manager(ines),
    reader.risk(ines),
  ]);
  expect(found).toMatchObject({ state: 'known', source: { requestId: 'inner-0' } });
  expect(manager).toMatchObject({ state: 'known', value: null });
  expect(risk).toMatchObject({ state: 'known', value: { level: 'none' } });
  expect(server.received.map(({ url }) => url).sort()).toEqual([
    '/$batch',
    `/identityProtection/riskyUsers/${ines}`,
  ]);
  const body = server.received.find(({ url }) => url === '/$batch')?.body as {
    requests: { headers: Record<string, string> }[];
  };
  expect(new Set(body.requests.map(({ headers }) => headers['client-request-id'])).size).toBe(2);
});

it('one read alone is a plain call', async () => {
  const reader = await reading({ [`GET /users/${ines}`]: { status: 200, body: user } });
  expect(await reader.user(ines)).toMatchObject({ state: 'known' });
});

it('a part that is throttled is repeated, though the batch said 200', async () => {
  const reader = await reading({
    'POST /$batch': batchOf(
      inner('0', 429, { error: { code: 'TooManyRequests' } }, { 'Retry-After': '1' }),
      inner('1', 404, { error: { code: 'Request_ResourceNotFound' } }),
    ),
    [`GET /users/${ines}`]: { status: 200, body: user },
  });
  const [found] = await Promise.all([reader.user(ines), reader.manager(ines)]);
  expect(found).toMatchObject({ state: 'known' });
});

const tokenRefused = graphError(401, 'InvalidAuthenticationToken');
it('a part whose token is refused goes alone, and with another token where that is refused too', async () => {
  const reader = await reading({
    'POST /$batch': batchOf(
      inner('0', 401, tokenRefused.body),
      inner('1', 404, { error: { code: 'Request_ResourceNotFound' } }),
    ),
    [`GET /users/${ines}`]: [tokenRefused, { status: 200, body: user }],
  });
  const [found, manager] = await Promise.all([reader.user(ines), reader.manager(ines)]);
  expect(found).toMatchObject({ state: 'known' });
  expect(manager).toMatchObject({ state: 'known', value: null });
  const asked = server.received.map(({ url }) => url.split('?')[0]);
  expect(asked).toEqual(['/$batch', `/users/${ines}`, `/users/${ines}`]);
});

it('a part that a service refuses with 401 is forbidden', async () => {
  const refused = { error: { code: 'UnauthorizedAccess' } };
  const reader = await reading({
    'POST /$batch': batchOf(inner('0', 401, refused), inner('1', 401, refused)),
  });
  const [found] = await Promise.all([reader.user(ines), reader.manager(ines)]);
  expect(found).toMatchObject({ state: 'unknown', reason: 'forbidden' });
  expect(server.received).toHaveLength(1);
});

it.each<[string, Scripted, string]>([
  ['has no answer for a part', batchOf(inner('1', 200, user)), 'invalid'],
  ['is not a batch', { status: 200, body: { value: [] } }, 'invalid'],
  ['is forbidden', graphError(403, 'Authorization_RequestDenied'), 'forbidden'],
  ['is down', graphError(503, 'ServiceUnavailable'), 'unavailable'],
])('a batch that %s makes the part unknown', async (_what, scripted, reason) => {
  const reader = await reading({ 'POST /$batch': scripted });
  const [found] = await Promise.all([reader.user(ines), reader.manager(ines)]);
  expect(found).toMatchObject({ state: 'unknown', reason });
});
