import { EvidenceReader } from '../evidence-reader';
import { graphError, graphServer, stillRuntime, type Scripted } from '../graph-server.fixture';
import { SharedReads } from './shared-reads';

const user = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const since = '2026-11-13T00:00:00.000Z';
const detectionsSince = '2026-10-21T10:00:00.000Z';
const page = (...value: unknown[]): Scripted => ({ status: 200, body: { value } });
const riskyUsers = 'GET /identityProtection/riskyUsers';
const riskDetections = 'GET /identityProtection/riskDetections';
const risky = (n: number, changedAt = '2026-11-20T09:00:00Z', riskState = 'atRisk') => ({
  id: user(n),
  isDeleted: false,
  isProcessing: false,
  riskLevel: 'high',
  riskState,
  riskDetail: 'none',
  riskLastUpdatedDateTime: changedAt,
});
const detection = (n: number, of: number, over: object = {}) => ({
  id: `d${n}`,
  userId: user(of),
  riskEventType: 'unlikelyTravel',
  riskLevel: 'medium',
  riskState: 'atRisk',
  detectedDateTime: '2026-11-20T09:00:00.1234567Z',
  lastUpdatedDateTime: '2026-11-20T09:00:01Z',
  ...over,
});

type Server = Awaited<ReturnType<typeof graphServer>>;
let server: Server;
/** A clock that a test moves. */
let now = '2026-11-20T10:00:00.000Z';
const given = async (routes: Record<string, Scripted | Scripted[]>) => {
  server = await graphServer(routes);
  now = '2026-11-20T10:00:00.000Z';
  const runtime = { ...stillRuntime(), now: () => new Date(now) };
  const shared = new SharedReads(server.client, runtime);
  /** As of when the case moved; without, it has been waiting for long. */
  return (caseId: string, asOf = '2026-11-20T08:00:00.000Z') =>
    new EvidenceReader(server.client, [caseId], runtime, shared.view(asOf));
};
afterEach(() => server.stop());
const asked = (start: string) => server.received.filter(({ url }) => url.startsWith(start)).length;

describe('risk', () => {
  it('of a hundred cases at once is one list', async () => {
    const readerOf = await given({ [riskyUsers]: page(...Array.from({ length: 100 }, (_, n) => risky(n))) });
    const readings = await Promise.all(
      Array.from({ length: 100 }, (_, n) => readerOf(`case-${n}`).risk(user(n))),
    );
    expect(readings.every((risk) => risk.state === 'known' && risk.value.level === 'high')).toBe(true);
    expect(server.received).toHaveLength(1);
    expect(server.received[0]?.url).toContain('$filter=riskLastUpdatedDateTime gt 2026-10-21T09:00:00Z');
    expect(readings[7]?.source).toMatchObject({
      call: 'GET /identityProtection/riskyUsers',
      readAt: '2026-11-20T10:00:00.000Z',
      clientRequestId: server.received[0]?.headers['client-request-id'],
    });
  });

  it('is asked for alone where the list is long and few ask', async () => {
    const many = Array.from({ length: 1_001 }, (_, n) => detection(n, n));
    const alone = page(detection(7, 7));
    const readerOf = await given({ [riskDetections]: [page(...many), alone, alone, page(...many)] });
    const ask = async (n: number) => {
      const { state } = await readerOf(`case-${n}`, now).detections(user(n), detectionsSince);
      return [state, decodeURIComponent(server.received.at(-1)?.url ?? '').includes('userId eq')];
    };
    // How long it is shows only when it is read.
    expect(await ask(1)).toEqual(['known', false]);
    now = '2026-11-20T10:02:00.000Z';
    expect(await ask(2)).toEqual(['known', true]);
    now = '2026-11-20T10:02:10.000Z';
    expect(await ask(3)).toEqual(['known', true]);
    // The third within a minute: three pages are worth it.
    now = '2026-11-20T10:02:20.000Z';
    expect(await ask(4)).toEqual(['known', false]);
  });

  it('that ends to be computed comes with the detections that it now stands on, not with those of before', async () => {
    const single = { [`${riskyUsers}/${user(1)}`]: { status: 200, body: risky(1) } };
    const readerOf = await given({
      [riskyUsers]: page({ ...risky(1), isProcessing: true }),
      [riskDetections]: [page(), page(detection(1, 1))],
      ...single,
    });
    // A case that waited while it was computed shared a list of detections then.
    await readerOf('case-2').detections(user(2), detectionsSince);
    now = '2026-11-20T10:00:15.000Z';
    const { risk, detections } = await readerOf('case-1').riskWithDetections(user(1), detectionsSince);
    expect(risk).toMatchObject({ value: { processing: false } });
    expect(detections).toMatchObject({ value: [{ id: 'd1' }], source: { readAt: now } });
  });

  it('that moved after the detections were read comes with detections that were read since', async () => {
    const readerOf = await given({
      [`${riskyUsers}/${user(1)}`]: { status: 200, body: risky(1, '2026-11-20T10:00:10Z') },
      [riskyUsers]: page(),
      [riskDetections]: [page(), page(detection(1, 1))],
    });
    await readerOf('case-2').detections(user(2), detectionsSince);
    now = '2026-11-20T10:00:15.000Z';
    const { detections } = await readerOf('case-1').riskWithDetections(user(1), detectionsSince);
    expect(detections).toMatchObject({ value: [{ id: 'd1' }] });
  });

  it('of somebody else about whom Graph does not say who it is makes nobody unknown', async () => {
    const nameless = detection(7, 7, { userId: null });
    const readerOf = await given({ [riskDetections]: page(nameless, detection(1, 1)) });
    const reader = readerOf('case-1');
    const detections = await reader.detections(user(1), detectionsSince);
    expect(detections).toMatchObject({ value: [{ id: 'd1' }] });
    const at = '2026-11-20T09:00:00.123Z';
    const episode = { id: 'e', openedAt: at, newestAt: at, detectionIds: ['d1'] };
    const rows = detections.state === 'known' ? detections.value : [];
    expect(await reader.campaign(rows, episode)).toMatchObject({
      value: { kinds: [{ users: 2 }] },
    });
  });

  it('that has not moved since shares the detections of the others', async () => {
    const readerOf = await given({ [riskyUsers]: page(risky(1)), [riskDetections]: page() });
    await readerOf('case-2').detections(user(2), detectionsSince);
    now = '2026-11-20T10:00:15.000Z';
    await readerOf('case-1').riskWithDetections(user(1), detectionsSince);
    expect(asked('/identityProtection/riskDetections')).toBe(1);
  });

  it('of somebody who is not on the list is asked for alone', async () => {
    const readerOf = await given({
      [riskyUsers]: page(risky(1)),
      [`${riskyUsers}/${user(2)}`]: { status: 200, body: risky(2, '2026-01-01T00:00:00Z') },
      [`${riskyUsers}/${user(3)}`]: graphError(404, 'ResourceNotFound'),
    });
    const reader = readerOf('case-1');
    expect(await reader.risk(user(2))).toMatchObject({ value: { state: 'atRisk' } });
    expect(await reader.risk(user(3))).toMatchObject({ value: { state: 'none' } });
  });

  it('is looked at again, as a whole, for a case that moved after the last look', async () => {
    const readerOf = await given({
      // The third user carries a time from before the first look, and was not visible then.
      [riskyUsers]: [
        page(risky(1), risky(2)),
        page(risky(1, '2026-11-20T10:00:10Z', 'remediated'), risky(2), risky(3, '2026-11-20T08:00:00Z')),
      ],
    });
    await readerOf('case-1').risk(user(1));
    now = '2026-11-20T10:00:16.000Z';
    expect(await readerOf('case-2').risk(user(1))).toMatchObject({ value: { state: 'atRisk' } });
    expect(await readerOf('case-3', '2026-11-20T10:00:01.000Z').risk(user(1))).toMatchObject({
      value: { state: 'remediated' },
      source: { readAt: now },
    });
    expect(await readerOf('case-4').risk(user(2))).toMatchObject({ value: { state: 'atRisk' } });
    expect(await readerOf('case-5').risk(user(3))).toMatchObject({ value: { state: 'atRisk' } });
    expect(server.received).toHaveLength(2);
    expect(server.received[1]?.url).toContain('gt 2026-10-21T09:00:16Z');
  });

  it('keeps the newer of two versions of a row', async () => {
    const readerOf = await given({
      [riskyUsers]: page(risky(1, '2026-11-20T09:30:00Z', 'remediated'), risky(1, '2026-11-20T09:00:00Z')),
    });
    expect(await readerOf('case-1').risk(user(1))).toMatchObject({ value: { state: 'remediated' } });
  });

  it('is looked at once more by those whose case moved while others looked', async () => {
    const readerOf = await given({ [riskyUsers]: page(risky(1)) });
    const early = readerOf('case-1').risk(user(1));
    now = '2026-11-20T10:00:05.000Z';
    const late = ['case-2', 'case-3'].map((id) => readerOf(id, now).risk(user(1)));
    const readAt = (await Promise.all([early, ...late])).map(({ source }) => source.readAt);
    expect(readAt).toEqual(['2026-11-20T10:00:00.000Z', now, now]);
    expect(server.received).toHaveLength(2);
  });

  it('is used for ten minutes, whoever asks', async () => {
    const readerOf = await given({ [riskyUsers]: page(risky(1)) });
    for (const minute of ['00', '09', '11', '20']) {
      now = `2026-11-20T10:${minute}:00.000Z`;
      await readerOf('case-1').risk(user(1));
    }
    expect(server.received).toHaveLength(2);
  });

  it('is watched alone while Identity Protection computes', async () => {
    const readerOf = await given({
      [riskyUsers]: page({ ...risky(1), isProcessing: true }),
      [`${riskyUsers}/${user(1)}`]: { status: 200, body: risky(1, '2026-11-20T10:00:00Z', 'remediated') },
    });
    expect(await readerOf('case-1').risk(user(1))).toMatchObject({ value: { state: 'remediated' } });
  });

  it('is dropped and listed anew after a quarter of an hour', async () => {
    const readerOf = await given({ [riskyUsers]: page(risky(1)) });
    await readerOf('case-1').risk(user(1));
    now = '2026-11-20T10:16:00.000Z';
    await readerOf('case-2').risk(user(1));
    expect(server.received[1]?.url).toContain('gt 2026-10-21T09:16:00Z');
  });

  it.each<[string, Scripted, string]>([
    ['forbidden', graphError(403, 'Forbidden'), 'forbidden'],
    ['down', graphError(503, 'ServiceUnavailable'), 'unavailable'],
    ['not JSON', { status: 200, html: '<h1>hello</h1>' }, 'unavailable'],
  ])('is unknown while the list is %s, and nobody asks user by user', async (_why, answer, reason) => {
    const readerOf = await given({ [riskyUsers]: answer });
    expect(await readerOf('case-1').risk(user(1))).toMatchObject({ state: 'unknown', reason });
    expect(asked('/identityProtection/riskyUsers/')).toBe(0);
  });

  it('is asked user by user where the tenant cannot be listed', async () => {
    const readerOf = await given({
      [riskyUsers]: graphError(400, 'Request_UnsupportedQuery'),
      [`${riskyUsers}/${user(1)}`]: { status: 200, body: risky(1) },
    });
    for (const id of ['case-1', 'case-2']) {
      expect(await readerOf(id).risk(user(1))).toMatchObject({ state: 'known' });
    }
    expect(asked('/identityProtection/riskyUsers?')).toBe(1);
  });

  it('is still read alone by whoever is about to act', async () => {
    await given({ [`${riskyUsers}/${user(1)}`]: { status: 200, body: risky(1) } });
    await new EvidenceReader(server.client, ['case-1'], stillRuntime()).risk(user(1));
    expect(server.received[0]?.url).toBe(`/identityProtection/riskyUsers/${user(1)}`);
  });
});

describe('detections and the campaign around them', () => {
  it('come from one list', async () => {
    const rows = [
      detection(1, 1),
      detection(2, 2, { detectedDateTime: '2026-11-20T09:59:00Z' }),
      detection(3, 3, { detectedDateTime: '2026-11-20T07:59:00Z' }),
      detection(4, 4, { riskEventType: 'leakedCredentials' }),
      detection(5, 2),
    ];
    const readerOf = await given({ [riskDetections]: page(...rows) });
    const reader = readerOf('case-1');
    const found = await reader.detections(user(1), detectionsSince);
    expect(found).toMatchObject({ state: 'known', value: [{ id: 'd1' }] });
    const episode = {
      id: 'e',
      openedAt: since,
      newestAt: '2026-11-20T09:00:00.123Z',
      detectionIds: ['d1'],
    };
    expect(await reader.campaign(found.state === 'known' ? found.value : [], episode)).toMatchObject({
      state: 'known',
      value: { kinds: [{ kind: 'unlikelyTravel', users: 2 }] },
    });
    expect(server.received).toHaveLength(1);
  });

  it('are asked anew, by time, by whoever is about to act', async () => {
    await given({ [riskDetections]: page(detection(1, 1), detection(2, 2)) });
    const reader = new EvidenceReader(server.client, ['case-1'], stillRuntime());
    const found = await reader.detections(user(1), since);
    const episode = { id: 'e', openedAt: since, newestAt: since, detectionIds: ['d1'] };
    const campaign = await reader.campaign(found.state === 'known' ? found.value : [], episode);
    expect(campaign).toMatchObject({ value: { kinds: [{ kind: 'unlikelyTravel', users: 2 }] } });
    expect(server.received[1]?.url).toContain(
      'detectedDateTime ge 2026-11-20T08:00:00Z and detectedDateTime le 2026-11-20T10:00:01Z',
    );
  });

  it.each<[string, object[]]>([
    ['is empty', []],
    ['lacks the own detection', [detection(2, 2)]],
    ['has it as another kind', [detection(1, 1, { riskEventType: 'leakedCredentials' })]],
  ])('are not counted where the list %s', async (_, rows) => {
    await given({ [riskDetections]: [page(detection(1, 1)), page(...rows)] });
    const reader = new EvidenceReader(server.client, ['case-1'], stillRuntime());
    const found = await reader.detections(user(1), since);
    const episode = { id: 'e', openedAt: since, newestAt: since, detectionIds: ['d1'] };
    const campaign = await reader.campaign(found.state === 'known' ? found.value : [], episode);
    expect(campaign).toMatchObject({ state: 'unknown', reason: 'unavailable' });
  });

  it('without an episode is nobody, and asks nothing', async () => {
    const readerOf = await given({});
    expect(await readerOf('case-1').campaign([], null)).toMatchObject({
      state: 'known',
      value: { kinds: [] },
    });
    expect(server.received).toHaveLength(0);
  });
});

describe('logs', () => {
  const signIns = 'GET /auditLogs/signIns';
  const signIn = (n: number) => ({
    id: `s${n}`,
    createdDateTime: '2026-11-20T09:00:00Z',
    userId: user(n),
    status: { errorCode: 0 },
    conditionalAccessStatus: 'success',
  });

  it('of fifteen users travel in one call, and each case gets its own rows', async () => {
    const readerOf = await given({ [signIns]: page(...Array.from({ length: 15 }, (_, n) => signIn(n))) });
    const readings = await Promise.all(
      Array.from({ length: 15 }, (_, n) => readerOf(`case-${n}`).signIns(user(n), since)),
    );
    expect(readings[4]).toMatchObject({
      state: 'known',
      value: [{ id: 's4', conditionalAccess: 'success' }],
    });
    expect(readings.every(({ state }) => state === 'known')).toBe(true);
    expect(server.received).toHaveLength(1);
  });

  it('are read alone, for good, where Graph refuses the group', async () => {
    const readerOf = await given({ [signIns]: [graphError(400, 'BadRequest'), page(signIn(1), signIn(2))] });
    const both = () => Promise.all([1, 2].map((n) => readerOf(`case-${n}`).signIns(user(n), since)));
    expect(await both()).toMatchObject([{ value: [{ id: 's1' }] }, { value: [{ id: 's2' }] }]);
    await both();
    expect(server.received).toHaveLength(1 + 2 + 2);
  });

  it("know nothing of another user's broken row", async () => {
    const readerOf = await given({ [signIns]: page(signIn(1), { userId: user(2), id: 7 }) });
    const [one, two] = await Promise.all([1, 2].map((n) => readerOf(`case-${n}`).signIns(user(n), since)));
    expect(one).toMatchObject({ state: 'known' });
    expect(two).toMatchObject({ state: 'unknown', reason: 'invalid' });
  });

  it.each<[string, object, string]>([
    [
      'that somebody else did to somebody else',
      { initiatedBy: { user: { id: user(2) } }, targetResources: [{ id: user(3) }] },
      'known',
    ],
    ['that names the user as target', { targetResources: [{ id: user(1).toUpperCase() }] }, 'unknown'],
    ['that names the user as initiator', { initiatedBy: { user: { id: user(1) } } }, 'unknown'],
    ['that names nobody', {}, 'unknown'],
  ])('of changes with a broken row %s are %j: %s', async (_, names, state) => {
    const readerOf = await given({ 'GET /auditLogs/directoryAudits': page({ ...names, id: 7 }) });
    const readings = await Promise.all([1, 4].map((n) => readerOf(`case-${n}`).changes(user(n), since, [])));
    expect(readings[0]?.state).toBe(state);
  });

  it('of changes ask for target and initiator', async () => {
    const readerOf = await given({ 'GET /auditLogs/directoryAudits': page() });
    await Promise.all([1, 2].map((n) => readerOf(`case-${n}`).changes(user(n), since, [])));
    expect(server.received.map(({ url }) => /and (.*)&/.exec(url)?.[1])).toEqual([
      `(targetResources/any(t: t/id eq '${user(1)}') or targetResources/any(t: t/id eq '${user(2)}'))`,
      `(initiatedBy/user/id eq '${user(1)}' or initiatedBy/user/id eq '${user(2)}')`,
    ]);
  });
});

describe('the owners of role-assignable groups', () => {
  const places = 'GET /identityGovernance/privilegedAccess/group/eligibilityScheduleInstances';
  const routes = (...owners: Scripted[]) => ({
    [`GET /users/${user(1)}/transitiveMemberOf`]: page(),
    [`GET /users/${user(2)}/transitiveMemberOf`]: page(),
    'GET /roleManagement/directory/roleAssignments': page(),
    'GET /roleManagement/directory/roleEligibilityScheduleInstances': page(),
    [places]: page(),
    'GET /groups': page({ id: user(9) }),
    [`GET /groups/${user(9)}/owners`]: owners,
  });
  const privileged = async (reading: ReturnType<EvidenceReader['roles']>) => {
    const roles = await reading;
    return roles.state === 'known' ? roles.value.roleAssignableGroup : roles.reason;
  };

  it('are asked for once by cases of the same moment, and again for a case that moved later', async () => {
    const readerOf = await given(routes(page({ id: user(1) }), page({ id: user(2) })));
    const both = () => [1, 2].map((n) => privileged(readerOf(`case-${n}`, now).roles(user(n))));
    expect(await Promise.all(both())).toEqual([true, false]);
    expect(asked('/groups')).toBe(2);
    // Who became an owner in between must not be missed.
    now = '2026-11-20T10:00:30.000Z';
    expect(await Promise.all(both())).toEqual([false, true]);
    expect(asked('/groups')).toBe(4);
  });

  it('are asked for again by the next case where they could not be read', async () => {
    const readerOf = await given(routes(graphError(403, 'x'), page({ id: user(1) })));
    expect(await privileged(readerOf('case-1').roles(user(1)))).toBe('forbidden');
    expect(await privileged(readerOf('case-2').roles(user(1)))).toBe(true);
  });
});

it('serves a case that asks as far back as the list goes, on a clock that ticks', async () => {
  server = await graphServer({ [riskDetections]: page(detection(1, 1)) });
  let ticks = Date.parse(now);
  const runtime = { ...stillRuntime(), now: () => new Date(ticks++) };
  const since = new Date(ticks - 90 * 24 * 60 * 60_000).toISOString();
  const shared = new SharedReads(server.client, runtime);
  const reader = new EvidenceReader(server.client, ['case-1'], runtime, shared.view(now));
  expect(await reader.detections(user(1), since)).toMatchObject({ value: [{ id: 'd1' }] });
  expect(server.received.map(({ url }) => url)).toEqual([expect.not.stringContaining('userId')]);
});
