import { AuthenticationError } from '@azure/identity';
import { BudgetStore } from './budget/budget-store';
import { documentedBudgets } from './budget/budgets';
import { GraphLimiter } from './budget/graph-limiter';
import { EntraError } from './entra-error';
import { graphCall } from './graph-call';
import { createGraphClient, graphClientWith } from './graph-client';
import { clientFor, graphError, graphServer, type Scripted } from './graph-server.fixture';

const call = {
  method: 'GET',
  path: '/users/x',
  clientRequestId: '7d5e0000-0000-8000-8000-000000000000',
} as const;
type Server = Awaited<ReturnType<typeof graphServer>>;
let server: Server;
afterEach(() => server?.stop());

const failure = async (scripted: Scripted, timeoutMs?: number): Promise<EntraError> => {
  server = await graphServer({ 'GET /users/x': scripted });
  const outcome: unknown = await graphCall(clientFor(server.origin, timeoutMs), call).catch(
    (e: unknown) => e,
  );
  if (outcome instanceof EntraError) return outcome;
  throw new Error(`expected an EntraError, got ${JSON.stringify(outcome)}`);
};

it('sends the trace headers, asks for all enum members, and returns the ids of both sides', async () => {
  server = await graphServer({ 'GET /users/x': { status: 200, body: { id: 1 } } });
  const answer = await graphCall(server.client, { ...call, allEnumMembers: true });
  expect(answer).toEqual({
    status: 200,
    body: { id: 1 },
    requestId: 'server-7d5e0000',
    clientRequestId: call.clientRequestId,
  });
  expect(server.received[0]?.headers).toMatchObject({
    'client-request-id': call.clientRequestId,
    'return-client-request-id': 'true',
    prefer: 'include-unknown-enum-members',
  });
});

it.each<[Scripted, Partial<EntraError>]>([
  [graphError(429, 'TooManyRequests'), { kind: 'throttled', retryAfterMs: null, retryable: true }],
  [graphError(429, 'TooManyRequests', { 'retry-after': '7' }), { kind: 'throttled', retryAfterMs: 7_000 }],
  [graphError(503, 'ServiceUnavailable'), { kind: 'unavailable', status: 503, retryable: true }],
  [
    { html: '<h1>Bad gateway</h1>', status: 502 },
    { kind: 'unavailable', code: 'noGraphError' },
  ],
  [graphError(401, 'InvalidAuthenticationToken'), { kind: 'forbidden', retryable: false }],
  [
    graphError(403, 'Authorization_RequestDenied'),
    { kind: 'forbidden', code: 'Authorization_RequestDenied' },
  ],
  [graphError(404, 'Request_ResourceNotFound'), { kind: 'notFound', requestId: 'server-7d5e0000' }],
  [graphError(404, 'BadRequest'), { kind: 'rejected' }],
  [
    { html: '<h1>No such page</h1>', status: 404 },
    { kind: 'invalidAnswer', status: 404 },
  ],
  [
    { html: '<h1>Welcome</h1>', status: 200 },
    { kind: 'unavailable', code: 'notJson', retryable: true },
  ],
  [
    { status: 302, headers: { location: 'https://elsewhere.example/' } },
    { kind: 'invalidAnswer', status: 302 },
  ],
  [graphError(400, 'Request_UnsupportedQuery'), { kind: 'rejected', status: 400 }],
  ['reset', { kind: 'unavailable', status: null, code: 'connection', sent: true }],
])('names the failure of %j', async (scripted, expected) => {
  expect(await failure(scripted)).toMatchObject(expected);
  expect(server.received).toHaveLength(1);
});

it('tells the limiter when it was answered, so that the next call does not wait in vain', async () => {
  server = await graphServer({ 'GET /identityProtection/riskyUsers': { status: 200, body: {} } });
  const limit = { calls: 1, windowMs: 300 };
  const limiter = new GraphLimiter({
    owner: { tenantId: 't', clientId: 'c' },
    store: BudgetStore.on({ kind: 'memory' }),
    budgets: { ...documentedBudgets, identityProtection: { calls: 1, windowMs: 1, limit } },
    // A call that is not known to be answered counts for longer than this.
    waitMs: 4_500,
  });
  const client = { ...server.client, limiter };
  // As the limiter is told; a busy machine tells the callers later.
  const answeredMs: number[] = [];
  const answered = limiter.answered.bind(limiter);
  jest.spyOn(limiter, 'answered').mockImplementation((...told) => {
    answeredMs.push(performance.now());
    return answered(...told);
  });
  const ask = () => graphCall(client, { ...call, path: '/identityProtection/riskyUsers' });
  await Promise.all([ask(), ask()]);
  expect(answeredMs[1]! - answeredMs[0]!).toBeGreaterThanOrEqual(limit.windowMs - 1);
});

it('gives up on a server that never answers', async () => {
  expect(await failure('silence', 50)).toMatchObject({ kind: 'unavailable', code: 'timeout' });
});

it.each([
  [new AuthenticationError(401, { error: 'invalid_client' }), { kind: 'forbidden', code: 'tokenRefused' }],
  [new AuthenticationError(503, {}), { kind: 'unavailable', code: 'tokenUnavailable' }],
  [new Error('getaddrinfo ENOTFOUND'), { kind: 'unavailable', code: 'tokenUnavailable' }],
])('sends nothing without a token (%s)', async (reason, expected) => {
  server = await graphServer({});
  const client = graphClientWith({ getToken: () => Promise.reject(reason) }, { baseUrl: server.origin });
  await expect(graphCall(client, call)).rejects.toMatchObject({ ...expected, sent: false });
  expect(server.received).toEqual([]);
});

it('waits for a login service that never answers no longer than for Graph', async () => {
  server = await graphServer({});
  const getToken = () => new Promise<never>(() => undefined);
  const client = graphClientWith({ getToken }, { baseUrl: server.origin, timeoutMs: 50 });
  const expected = { kind: 'unavailable', code: 'tokenUnavailable', sent: false };
  await expect(graphCall(client, call)).rejects.toMatchObject(expected);
  expect(server.received).toEqual([]);
});

it('sends nothing where the token came after the call had to be sent, and does where it came before', async () => {
  server = await graphServer({ 'GET /users/x': { status: 200, body: {} } });
  let now = 1_000;
  const clock = jest.spyOn(performance, 'now').mockImplementation(() => now);
  const client = (waitMs: number) =>
    graphClientWith(
      {
        getToken: async () => {
          now += waitMs;
          return { token: 'spec', expiresOnTimestamp: Date.UTC(2100, 0, 1) };
        },
      },
      { baseUrl: server.origin },
    );
  try {
    const late = { ...call, place: null, sendByMs: 6_000 };
    await expect(graphCall(client(5_001), late)).rejects.toMatchObject({
      ...{ code: 'callWindowClosed', sent: false },
    });
    expect(server.received).toEqual([]);
    now = 1_000;
    expect(await graphCall(client(5_000), late)).toMatchObject({ status: 200 });
    expect(server.received).toHaveLength(1);
  } finally {
    clock.mockRestore();
  }
});

it.each(['http://graph.microsoft.com', 'https://graph.microsoft.com/v1.0', 'ftp://127.0.0.1'])(
  'refuses %s as a base URL',
  (baseUrl) => {
    const identity = { tenantId: 't', clientId: 'c', clientSecret: 's' };
    expect(() => createGraphClient({ ...identity, baseUrl })).toThrow(TypeError);
  },
);
