import { type AccountBefore, stepKinds, type StepKind } from '@sallyport/evidence';
import { clientRequestId } from '@sallyport/idempotency';
import { AccountReader, type AccountState } from './account-reader';
import type { Answer } from './account-outcomes';
import { AccountWriter } from './account-writer';
import { graphClientWith } from './graph-client';
import { clientFor, graphError, graphServer, stillRuntime, type Scripted } from './graph-server.fixture';
import { proves } from './proof';
import { neverAtRisk } from './risk';

const ines = '3f1b6a52-7c0d-4e7e-9a0f-2b1f0d5c9e11';
const key = 'a'.repeat(64);
const revoke = `POST /users/${ines}/revokeSignInSessions`;
const dismiss = 'POST /identityProtection/riskyUsers/dismiss';
const raise = 'POST /identityProtection/riskyUsers/confirmCompromised';
const patch = `PATCH /users/${ines}`;

type Server = Awaited<ReturnType<typeof graphServer>>;
let server: Server;
afterEach(() => server?.stop());
const writerTo = async (routes: Record<string, Scripted>, timeoutMs?: number) => {
  server = await graphServer(routes);
  return new AccountWriter(clientFor(server.origin, timeoutMs));
};

describe('what is sent', () => {
  it.each<[StepKind, string, unknown]>([
    ['revokeSessions', revoke, undefined],
    ['raiseRisk', raise, { userIds: [ines] }],
    ['dismissRisk', dismiss, { userIds: [ines] }],
    ['enableAccount', patch, { accountEnabled: true }],
  ])('%s is one %s', async (step, route, body) => {
    const writer = await writerTo({ [route]: { status: 204 } });
    expect(await writer.perform(step, ines, key, null)).toMatchObject({ kind: 'accepted', status: 204 });
    expect(server.received).toHaveLength(1);
    expect(server.received[0]).toMatchObject({ body });
    expect(server.received[0]?.headers['client-request-id']).toBe(clientRequestId(key));
  });

  it('forcePasswordChange sets a new unguessable password each time and forces a change with MFA', async () => {
    const writer = await writerTo({ [patch]: { status: 204 } });
    const answers = [
      await writer.perform('forcePasswordChange', ines, key, null),
      await writer.perform('forcePasswordChange', ines, key, null),
    ];
    const bodies = server.received.map(
      ({ body }) => (body as { passwordProfile: Record<string, unknown> }).passwordProfile,
    );
    const passwords = bodies.map(({ password }) => String(password));
    expect(bodies[0]).toEqual({
      password: expect.stringMatching(/^Aa1-[\w-]{64}$/),
      forceChangePasswordNextSignIn: true,
      forceChangePasswordNextSignInWithMfa: true,
    });
    expect(new Set(passwords).size).toBe(2);
    for (const password of passwords) expect(JSON.stringify(answers)).not.toContain(password);
  });

  it('nothing for an id that is not a GUID', async () => {
    const writer = await writerTo({});
    await expect(writer.perform('dismissRisk', 'ines@fabrikam.example', key, null)).rejects.toThrow(
      TypeError,
    );
    expect(server.received).toEqual([]);
  });
});

describe('two identities', () => {
  it.each<[StepKind, 'tightens' | 'loosens']>([
    ['revokeSessions', 'tightens'],
    ['forcePasswordChange', 'tightens'],
    ['raiseRisk', 'tightens'],
    ['dismissRisk', 'loosens'],
    ['enableAccount', 'loosens'],
  ])('%s is sent as the one that %s', async (step, who) => {
    const answer = { status: 204 };
    server = await graphServer({ [revoke]: answer, [raise]: answer, [dismiss]: answer, [patch]: answer });
    const asked = new Set<string>();
    const as = (token: string) => {
      const getToken = async () => {
        asked.add(token);
        return { token, expiresOnTimestamp: Date.UTC(2100, 0, 1) };
      };
      return graphClientWith({ getToken }, { baseUrl: server.origin, timeoutMs: 15_000 });
    };
    const writer = new AccountWriter(as('tightens'), as('loosens'));
    const place = await writer.prepare(step, ines);
    if (step === 'dismissRisk') await writer.performTogether(step, [ines], clientRequestId(key), place);
    else await writer.perform(step, ines, key, place);
    expect([...asked]).toEqual([who]);
    expect(server.received).toHaveLength(1);
  });
});

describe('what an answer means', () => {
  const table: [Scripted, Answer['kind'], string][] = [
    [{ status: 200, body: { value: true } }, 'accepted', 'documented'],
    [{ status: 202 }, 'accepted', 'another 2xx is a known issue of revoke'],
    [graphError(429, 'TooManyRequests'), 'throttled', 'turned away at the gate'],
    [{ html: 'slow down', status: 429 }, 'throttled', 'turned away by a gateway'],
    [graphError(409, 'Directory_ConcurrencyViolation'), 'throttled', 'rolled back'],
    [graphError(409, 'Request_Conflict'), 'refused', 'another conflict is a no'],
    [graphError(400, 'BadRequest'), 'refused', 'Graph said no'],
    [graphError(401, 'InvalidAuthenticationToken'), 'refused', 'Graph said no'],
    [graphError(403, 'Authorization_RequestDenied'), 'refused', 'Graph said no'],
    [graphError(404, 'Request_ResourceNotFound'), 'refused', 'Graph said no'],
    [{ html: '<h1>Forbidden</h1>', status: 403 }, 'ambiguous', 'something in between spoke'],
    [graphError(408, 'RequestTimeout'), 'ambiguous', 'the work may have begun'],
    [graphError(500, 'InternalServerError'), 'ambiguous', 'the work may have begun'],
    [graphError(503, 'ServiceUnavailable'), 'ambiguous', 'the work may have begun'],
    [graphError(504, 'GatewayTimeout'), 'ambiguous', 'the effect may have happened'],
    [{ html: '<h1>Sign in</h1>', status: 200 }, 'ambiguous', 'not an answer of Graph'],
    [{ status: 307, headers: { location: '/v1.0/elsewhere' } }, 'ambiguous', 'redirects are not followed'],
    ['reset', 'ambiguous', 'the effect may have happened'],
  ];
  const rows = stepKinds.flatMap((step) => table.map((row) => [step, ...row] as const));
  it.each(rows)('%s answered with %j is %s (%s), after exactly one request', async (step, scripted, kind) => {
    const writer = await writerTo({
      [revoke]: scripted,
      [raise]: scripted,
      [dismiss]: scripted,
      [patch]: scripted,
    });
    expect((await writer.perform(step, ines, key, null)).kind).toBe(kind);
    expect(server.received).toHaveLength(1);
  });

  it('silence is ambiguous', async () => {
    const writer = await writerTo({ [dismiss]: 'silence' }, 50);
    expect(await writer.perform('dismissRisk', ines, key, null)).toMatchObject({
      kind: 'ambiguous',
      detail: expect.stringContaining('timeout'),
    });
  });

  it('keeps the wait that a throttling answer asks for', async () => {
    const writer = await writerTo({ [dismiss]: graphError(429, 'TooManyRequests', { 'retry-after': '12' }) });
    expect(await writer.perform('dismissRisk', ines, key, null)).toMatchObject({ retryAfterMs: 12_000 });
  });

  it('without a token nothing was sent: refused where the secret is wrong, later where login is down', async () => {
    const withoutToken = (error: Error) =>
      new AccountWriter(graphClientWith({ getToken: () => Promise.reject(error) }, {}));
    const wrongSecret = Object.assign(new Error('invalid_client'), { statusCode: 401 });
    expect(await withoutToken(wrongSecret).perform('dismissRisk', ines, key, null)).toMatchObject({
      kind: 'refused',
    });
    expect(await withoutToken(new Error('down')).perform('dismissRisk', ines, key, null)).toMatchObject({
      kind: 'throttled',
    });
  });
});

describe('proof by reading back', () => {
  const startedAt = '2026-11-20T10:00:00.000Z';
  /** The account as it was; sessions and password last changed a few minutes ago. */
  const earlier = '2026-11-20T09:58:00.000Z';
  const inSkew = '2026-11-20T09:59:30.000Z';
  const before: AccountBefore = {
    sessionsValidFrom: earlier,
    lastPasswordChangeAt: inSkew,
    accountEnabled: false,
    riskState: 'atRisk',
  };
  const asBefore: AccountState = {
    risk: { ...neverAtRisk, state: 'atRisk', level: 'high' },
    sessionsValidFrom: earlier,
    lastPasswordChangeAt: inSkew,
    accountEnabled: false,
  };
  const raised = { ...neverAtRisk, state: 'confirmedCompromised', level: 'high' } as const;
  type Row = [StepKind, Partial<AccountState>, AccountBefore | null, 'applied' | 'notYet', why: string];
  it.each<Row>([
    ['revokeSessions', {}, before, 'notYet', 'nothing has moved'],
    ['revokeSessions', { sessionsValidFrom: null }, before, 'notYet', 'nothing is known'],
    ['revokeSessions', { sessionsValidFrom: startedAt }, before, 'applied', 'it has moved'],
    [
      'revokeSessions',
      { sessionsValidFrom: inSkew },
      before,
      'applied',
      'it has moved, their clock is behind',
    ],
    ['revokeSessions', { sessionsValidFrom: inSkew }, null, 'applied', 'within the minute of skew'],
    ['revokeSessions', {}, null, 'notYet', 'beyond the minute of skew'],
    ['revokeSessions', { sessionsValidFrom: '2026-11-20T09:54:59.999Z' }, null, 'notYet', 'far too old'],
    [
      ...(['revokeSessions', { sessionsValidFrom: '2026-11-20T09:54:59.999Z' }] as const),
      ...([
        { ...before, sessionsValidFrom: null },
        'notYet',
        'the reading before may be a replica’s',
      ] as const),
    ],
    ['forcePasswordChange', {}, before, 'notYet', 'somebody’s change of half a minute before is not ours'],
    ['forcePasswordChange', {}, null, 'applied', 'without a reading before, it cannot be told'],
    ['forcePasswordChange', { lastPasswordChangeAt: startedAt }, before, 'applied', 'it has moved'],
    ['raiseRisk', {}, before, 'notYet', 'high, and not confirmed'],
    ['raiseRisk', { risk: null }, before, 'notYet', 'nothing is known'],
    ['raiseRisk', { risk: raised }, before, 'applied', 'confirmed'],
    ['raiseRisk', { risk: raised }, null, 'applied', 'confirmed, whatever it was'],
    ['raiseRisk', { risk: { ...raised, processing: true } }, before, 'notYet', 'being computed'],
    ['raiseRisk', { risk: { ...raised, level: 'none' } }, before, 'notYet', 'not high: nothing is forced'],
    ['enableAccount', { accountEnabled: null }, before, 'notYet', 'nothing is known'],
    ['enableAccount', { accountEnabled: true }, before, 'applied', 'it is so'],
    ['dismissRisk', {}, before, 'notYet', 'still at risk'],
    ['dismissRisk', { risk: null }, before, 'notYet', 'nothing is known'],
    ['dismissRisk', { risk: neverAtRisk }, before, 'notYet', 'a row that is not found proves no dismissal'],
    ['dismissRisk', { risk: neverAtRisk }, null, 'notYet', 'nor where nothing is known of before'],
    ['dismissRisk', { risk: neverAtRisk }, { ...before, riskState: 'none' }, 'applied', 'as it was'],
    ['dismissRisk', { risk: { ...neverAtRisk, state: 'dismissed' } }, before, 'applied', 'terminal'],
    [
      ...(['dismissRisk', { risk: { ...neverAtRisk, state: 'dismissed', processing: true } }] as const),
      ...([before, 'notYet', 'being computed'] as const),
    ],
    ['dismissRisk', { risk: { ...neverAtRisk, state: 'confirmedCompromised' } }, before, 'notYet', 'worse'],
    ['dismissRisk', { risk: { ...neverAtRisk, state: 'unknown' } }, before, 'notYet', 'a new word'],
  ])('%s with %j after %j is %s: %s', (step, state, earlierState, expected) => {
    expect(proves(step, { ...asBefore, ...state }, { startedAt, before: earlierState })).toBe(expected);
  });

  it('asks for no more than it needs: the risk costs a second of the tenant’s budget', async () => {
    const row = { riskLevel: 'high', riskState: 'atRisk', isProcessing: false, isDeleted: false };
    server = await graphServer({
      [`GET /users/${ines}`]: {
        status: 200,
        body: { id: ines, userPrincipalName: 'ines', accountEnabled: true },
      },
      [`GET /identityProtection/riskyUsers/${ines}`]: { status: 200, body: row },
    });
    const reader = new AccountReader(server.client, stillRuntime());
    expect(await reader.state(ines, ['case-1'], ['user'])).toMatchObject({
      risk: null,
      accountEnabled: true,
    });
    expect(await reader.state(ines, ['case-1'], ['risk'])).toMatchObject({
      ...{ accountEnabled: null, risk: { state: 'atRisk' } },
    });
    expect(server.received).toHaveLength(2);
  });

  it('reads user and risk, and throws where one half is unknown', async () => {
    const user = { id: ines, userPrincipalName: 'ines', accountEnabled: true };
    server = await graphServer({
      [`GET /users/${ines}`]: { status: 200, body: user },
      [`GET /identityProtection/riskyUsers/${ines}`]: [
        graphError(404, 'ResourceNotFound'),
        graphError(403, 'Forbidden'),
      ],
    });
    const reader = new AccountReader(server.client, stillRuntime());
    expect(await reader.state(ines, ['case-1'])).toMatchObject({ risk: neverAtRisk, accountEnabled: true });
    await expect(reader.state(ines, ['case-1'])).rejects.toMatchObject({ kind: 'forbidden' });
  });
});
