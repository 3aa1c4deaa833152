import type { GetTokenOptions } from '@azure/identity';
import { setImmediate } from 'node:timers/promises';
import { AccountWriter } from './account-writer';
import { EvidenceReader } from './evidence-reader';
import { graphCall } from './graph-call';
import { graphClientWith } from './graph-client';
import { graphError, graphServer, stillRuntime, type Scripted } from './graph-server.fixture';

const ines = '3f1b6a52-7c0d-4e7e-9a0f-2b1f0d5c9e11';
const call = {
  method: 'GET',
  path: '/users/x',
  clientRequestId: '7d5e0000-0000-8000-8000-000000000000',
} as const;
const refused = graphError(401, 'InvalidAuthenticationToken');
const claims = '{"access_token":{"nbf":{"essential":true, "value":"1604106651"}}}';
const challenged = (encoded: string, code = 'InvalidAuthenticationToken') =>
  graphError(401, code, {
    'www-authenticate':
      'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", ' +
      `error="insufficient_claims", claims="${encoded}"`,
  });
const found: Scripted = { status: 200, body: { id: ines, userPrincipalName: 'ines' } };
const error = expect.objectContaining;
const silence = Symbol('no answer');

let server: Awaited<ReturnType<typeof graphServer>>;
afterEach(() => server.stop());

/** A credential like MSAL's: from its cache, unless claims are asked for, which gives what comes next. */
const given = async (
  routes: Record<string, Scripted | Scripted[]>,
  next: (string | Error | typeof silence)[] = [],
) => {
  server = await graphServer(routes);
  const asked: string[] = [];
  let cached = 'first';
  const getToken = async (_scope: string | string[], options: GetTokenOptions = {}) => {
    if (options.claims !== undefined) {
      asked.push(options.claims);
      const token = next.shift() ?? `${cached}+`;
      if (token instanceof Error) throw token;
      if (token === silence) return new Promise<never>(() => undefined);
      cached = token;
    }
    return { token: cached, expiresOnTimestamp: Date.UTC(2100, 0, 1) };
  };
  const client = graphClientWith({ getToken }, { baseUrl: server.origin });
  const ask = (signal?: AbortSignal) =>
    graphCall(client, { ...call, ...(signal && { signal }) }).catch((reason: unknown) => reason);
  return { client, asked, ask };
};
const clientOf = async (...args: Parameters<typeof given>) => (await given(...args)).client;

it('asks past the cache for another token after a 401, and says that the call may be repeated', async () => {
  const { ask, asked } = await given({ 'GET /users/x': [refused, found] });
  expect(await ask()).toEqual(error({ code: 'tokenNotTaken', retryable: true, status: 401 }));
  expect(await ask()).toMatchObject({ status: 200 });
  expect([asked.length, server.received.length]).toEqual([1, 2]);
});

it.each([
  ['what Graph asks for', Buffer.from(claims).toString('base64'), claims],
  ['any new one where the challenge is not JSON', 'bm9uZQ==', expect.stringContaining('"nbf"')],
])('asks for a token with the claims of the challenge: %s', async (_, encoded, expected) => {
  const { ask, asked } = await given({ 'GET /users/x': challenged(encoded) });
  await ask();
  expect(asked).toEqual([expected]);
});

it('asks once for all whose token is refused at the same time', async () => {
  const { ask, asked } = await given({ 'GET /users/x': refused });
  const answers = await Promise.all([ask(), ask(), ask()]);
  expect(answers).toEqual(Array(3).fill(error({ code: 'tokenNotTaken' })));
  expect(asked).toHaveLength(1);
});

it('takes a new token that is refused too for a no, and asks for no third one before ten minutes have passed', async () => {
  const { ask, asked } = await given({ 'GET /users/x': refused });
  let now = 1_000;
  const clock = jest.spyOn(performance, 'now').mockImplementation(() => now);
  try {
    await ask();
    expect(await ask()).toEqual(error({ kind: 'forbidden', code: 'InvalidAuthenticationToken' }));
    now += 10 * 60_000;
    expect(await ask()).toEqual(error({ kind: 'forbidden' }));
    expect(asked).toHaveLength(1);
    now += 1;
    expect(await ask()).toEqual(error({ code: 'tokenNotTaken' }));
    expect(asked).toHaveLength(2);
  } finally {
    clock.mockRestore();
  }
});

it('asks for another one at once where Graph took the new one before it refused that as well', async () => {
  const { ask, asked } = await given({ 'GET /users/x': [refused, refused, found, refused, found] });
  expect(await ask()).toEqual(error({ code: 'tokenNotTaken' }));
  expect(await ask()).toEqual(error({ kind: 'forbidden' }));
  expect(await ask()).toMatchObject({ status: 200 });
  expect(await ask()).toEqual(error({ code: 'tokenNotTaken' }));
  expect(await ask()).toMatchObject({ status: 200 });
  expect(asked).toHaveLength(2);
});

it.each([
  ['whose call asked for it', 0],
  ['who waits for what another call asked for', 1],
])(
  'is held up by a silent login service no longer than one may be %s; then it is asked anew',
  async (_, who) => {
    const { client, ask, asked } = await given({ 'GET /users/x': [refused, refused, refused, found] }, [
      silence,
    ]);
    const renewed = jest.spyOn(client.token, 'renewed');
    const calls = [new AbortController(), new AbortController()];
    const answers: Promise<unknown>[] = [];
    for (const { signal } of calls) {
      answers.push(ask(signal));
      while (renewed.mock.calls.length < answers.length) await setImmediate();
    }
    calls[who]!.abort();
    expect(await answers[who]).toEqual(error({ code: 'tokenNotTaken', sent: true }));
    expect(asked).toHaveLength(1);
    expect(await ask()).toEqual(error({ code: 'tokenNotTaken' }));
    expect(asked).toHaveLength(2);
    calls[1 - who]!.abort();
    expect(await answers[1 - who]).toEqual(error({ code: 'tokenNotTaken' }));
    expect(await ask()).toMatchObject({ status: 200 });
  },
);

it.each([
  ['gives the same one', 'first', { kind: 'forbidden', status: 401 }],
  [
    'refuses us',
    Object.assign(new Error('unauthorized_client'), { statusCode: 400 }),
    { kind: 'forbidden', status: 401 },
  ],
  ['is not reached', new Error('getaddrinfo ENOTFOUND'), { kind: 'unavailable', retryable: true }],
])('where the login service %s', async (_, next, expected) => {
  const { ask } = await given({ 'GET /users/x': refused }, [next]);
  expect(await ask()).toEqual(error(expected));
});

it('asks a login service that refuses us once, however many calls are refused', async () => {
  const refusal = Object.assign(new Error('unauthorized_client'), { statusCode: 400 });
  const { ask, asked } = await given({ 'GET /users/x': refused }, [refusal]);
  expect([await ask(), await ask()]).toEqual(Array(2).fill(error({ kind: 'forbidden', status: 401 })));
  expect(asked).toHaveLength(1);
});

it('asks again at once where the login service was not reached', async () => {
  const { ask, asked } = await given({ 'GET /users/x': [refused, refused, found] }, [new Error('down')]);
  expect([await ask(), await ask()]).toEqual(Array(2).fill(error({ code: 'tokenNotTaken' })));
  expect(await ask()).toMatchObject({ status: 200 });
  expect(asked).toHaveLength(2);
});

it('does not ask for a token where something in between says 401', async () => {
  const { ask, asked } = await given({ 'GET /users/x': { html: '<h1>Sign in</h1>', status: 401 } });
  expect(await ask()).toEqual(error({ kind: 'invalidAnswer' }));
  expect(asked).toEqual([]);
});

/** What a service behind the gateway may answer: it may have begun. */
const ofService = graphError(401, 'UnauthorizedAccess');
it('takes any other code for the service, which knows our token: a no, for a write too', async () => {
  const dismiss = 'POST /identityProtection/riskyUsers/dismiss';
  const { client, ask, asked } = await given({ 'GET /users/x': ofService, [dismiss]: ofService });
  expect(await ask()).toEqual(error({ kind: 'forbidden', code: 'UnauthorizedAccess' }));
  const writer = new AccountWriter(client);
  const answers = [
    await writer.perform('dismissRisk', ines, 'a'.repeat(64), null),
    await writer.performTogether('dismissRisk', [ines, call.clientRequestId], call.clientRequestId, null),
  ];
  expect(answers.map(({ kind }) => kind)).toEqual(['refused', 'refused']);
  expect(asked).toEqual([]);
});

it('asks for another token with a challenge, whatever the code', async () => {
  const encoded = Buffer.from(claims).toString('base64');
  const { ask, asked } = await given({ 'GET /users/x': challenged(encoded, 'Unauthorized') });
  expect(await ask()).toEqual(error({ code: 'tokenNotTaken' }));
  expect(asked).toEqual([claims]);
});

it.each([
  ['is taken', [refused, found], 'known', 2],
  ['is refused too', [refused, refused, found], 'unknown', 2],
])('a read is repeated once with the new token, which %s', async (_, answers, state, requests) => {
  const client = await clientOf({ [`GET /users/${ines}`]: answers });
  const reader = new EvidenceReader(client, ['case-1'], stillRuntime());
  expect(await reader.user(ines)).toMatchObject({ state });
  expect(server.received).toHaveLength(requests);
});

it('a write is never repeated here: it did nothing, and the ledger begins it again', async () => {
  const dismiss = 'POST /identityProtection/riskyUsers/dismiss';
  const writer = new AccountWriter(await clientOf({ [dismiss]: [refused, { status: 204 }] }));
  const key = 'a'.repeat(64);
  expect(await writer.perform('dismissRisk', ines, key, null)).toMatchObject({ kind: 'throttled' });
  expect(server.received).toHaveLength(1);
  const together = writer.performTogether('dismissRisk', [ines], call.clientRequestId, null);
  expect(await together).toMatchObject({ kind: 'accepted' });
});

it('a write that is refused with the new token as well is refused', async () => {
  const writer = new AccountWriter(await clientOf({ [`POST /users/${ines}/revokeSignInSessions`]: refused }));
  const perform = () => writer.perform('revokeSessions', ines, 'a'.repeat(64), null);
  expect([(await perform()).kind, (await perform()).kind]).toEqual(['throttled', 'refused']);
});
