import { evidenceOrigins, evidenceParts } from '@sallyport/evidence';
import { sampleInstant, sampleStart, subjectId } from '@sallyport/evidence/testing';
import type { EvidenceCollector } from './evidence-collector';
import { outage, outsideWorld, riskRow } from './testing/outside-world';

const half = sampleInstant(30);
let now = new Date(half);
let outside: Awaited<ReturnType<typeof outsideWorld>>;
beforeAll(async () => {
  outside = await outsideWorld(() => now);
});
afterAll(() => outside.stop());
beforeEach(() => {
  outside.reset();
  now = new Date(half);
});

const collect = async () => {
  const ticket = await outside.collector.ticket('case-1', 'a'.repeat(32));
  return outside.collector.collect('case-1', ticket, sampleStart);
};

it('says until when the logs could be complete, as rows arrive late', async () => {
  const { logs } = await collect();
  expect(logs).toMatchObject({ state: 'known', value: { completeUntil: sampleInstant(15) } });
});

it('gives what it makes from other readings the source of one that the reference names', async () => {
  const collected = await collect();
  const made = evidenceParts.flatMap((part) => {
    const origin = evidenceOrigins[part];
    return 'from' in origin ? [{ part, from: origin.from }] : [];
  });
  expect(made.map(({ part }) => part)).toEqual(['episode', 'logs', 'capabilities']);
  for (const { part, from } of made)
    expect(from.map((other) => collected[other]?.source)).toContainEqual(collected[part]?.source);
});

it('asks under another id each time it reads', async () => {
  const idOf = ({ user }: Awaited<ReturnType<typeof collect>>) => user.source.clientRequestId;
  const first = idOf(await collect());
  expect(idOf(await collect())).toBe(first);
  now = new Date(now.getTime() + 1);
  expect(idOf(await collect())).not.toBe(first);
});

it.each(['/v1.0/auditLogs/signIns', '/v1.0/auditLogs/directoryAudits'])(
  'does not know how far the logs go where %s cannot be read',
  async (path) => {
    outside.world.replies[path] = outage;
    expect((await collect()).logs).toMatchObject({ state: 'unknown', reason: 'unavailable' });
  },
);

it('knows an episode and its campaign only where it knows the detections', async () => {
  expect(await collect()).toMatchObject({ episode: { value: null }, campaign: { value: { kinds: [] } } });
  outside.world.replies['/v1.0/identityProtection/riskDetections'] = outage;
  const unread = { state: 'unknown', reason: 'unavailable' };
  expect(await collect()).toMatchObject({ detections: unread, episode: unread, campaign: unread });
});

it('groups detections into one episode, and counts who else was hit', async () => {
  const row = (id: string, userId: string, minutes: number) => ({
    ...{ id, userId, riskEventType: 'anomalousToken', riskLevel: 'high', riskState: 'atRisk' },
    detectedDateTime: sampleInstant(minutes),
  });
  const rows = [
    row('one', 'abcdef00-0000-4000-8000-000000000001', -60),
    row('two', 'abcdef00-0000-4000-8000-000000000001', -30),
    row('other', 'abcdef00-0000-4000-8000-000000000077', 20),
  ];
  outside.world.replies['/v1.0/identityProtection/riskDetections'] = { status: 200, body: { value: rows } };
  expect(await collect()).toMatchObject({
    detections: { value: [{ markers: ['tokenTheft'] }, { markers: ['tokenTheft'] }] },
    episode: { value: { openedAt: sampleInstant(-60), detectionIds: ['one', 'two'] } },
    campaign: { value: { kinds: [{ kind: 'anomalousToken', users: 2 }] } },
  });
});

it('asks for the history of the risk where a release may follow, and not in a campaign', async () => {
  const path = `/v1.0/identityProtection/riskyUsers/${subjectId}/history`;
  const row = (n: number) => ({
    ...{ id: `d${n}`, userId: `abcdef00-0000-4000-8000-${String(n).padStart(12, '0')}` },
    ...{ riskEventType: 'unlikelyTravel', riskLevel: 'medium', riskState: 'atRisk' },
    detectedDateTime: sampleInstant(-60),
  });
  const hit = (people: number) => {
    const value = Array.from({ length: people }, (_, n) => row(n + 1));
    outside.world.replies['/v1.0/identityProtection/riskDetections'] = { status: 200, body: { value } };
  };
  hit(9);
  expect(await collect()).toMatchObject({ history: { state: 'known', value: [] } });
  outside.world.replies[path] = outage;
  expect(await collect()).toMatchObject({ history: { state: 'unknown', reason: 'unavailable' } });
  hit(10);
  outside.world.asked.length = 0;
  expect(await collect()).toMatchObject({ history: { state: 'known', value: null } });
  expect(outside.world.asked).not.toContain(path);
});

it.each(['alone', 'together'] as const)('sees a detection of months ago, %s', async (how) => {
  const row = {
    ...{
      id: 'old',
      userId: subjectId,
      riskEventType: 'anomalousToken',
      riskLevel: 'low',
      riskState: 'atRisk',
    },
    detectedDateTime: sampleInstant(-85 * 24 * 60),
  };
  outside.world.replies['/v1.0/identityProtection/riskDetections'] = { status: 200, body: { value: [row] } };
  const collector = how === 'alone' ? outside.collector : outside.together();
  const evidence = await collector.collect(
    'case-1',
    await collector.ticket('case-1', 'a'.repeat(32)),
    sampleStart,
  );
  expect(evidence.detections).toMatchObject({ value: [{ id: 'old' }] });
});

it('tells what our own service principal may do, and what nobody told us of it', async () => {
  const { capabilities } = await collect();
  expect(capabilities).toMatchObject({
    state: 'known',
    value: { revokeSessions: { can: 'unknown', obstacles: ['notGranted'] } },
  });
  outside.world.replies['/v1.0/users/abcdef00-0000-4000-8000-000000000001'] = outage;
  expect((await collect()).capabilities).toMatchObject({ state: 'unknown', reason: 'unavailable' });
});

describe('cases that share lists', () => {
  const detections = '/v1.0/identityProtection/riskDetections';
  const arrived = (id: string) => ({
    ...{ id, userId: subjectId, riskEventType: 'anomalousToken', riskLevel: 'high', riskState: 'atRisk' },
    // Made long before it became visible, as detections are that Microsoft computes offline.
    detectedDateTime: sampleInstant(-600),
    lastUpdatedDateTime: sampleInstant(-600),
  });
  const found = async (collector: EvidenceCollector, caseId: string, asOf: string) => {
    const ticket = await collector.ticket(caseId, 'a'.repeat(32));
    const { detections: reading } = await collector.collect(caseId, ticket, asOf);
    return reading.state === 'known' ? reading.value.map(({ id }) => id) : reading;
  };
  const looks = () => outside.world.asked.filter((path) => path === detections).length;

  it('see a detection that arrived after the last look, where they moved since', async () => {
    const collector = outside.together();
    expect(await found(collector, 'case-1', sampleStart)).toEqual([]);
    outside.world.replies[detections] = { status: 200, body: { value: [arrived('late')] } };
    now = new Date(now.getTime() + 1_000);
    expect(await found(collector, 'case-2', now.toISOString())).toEqual(['late']);
    expect(looks()).toBe(2);
  });

  it('see the detection that came with the end of a computing they waited for', async () => {
    const collector = outside.together();
    const list = '/v1.0/identityProtection/riskyUsers';
    const computed = riskRow({ isProcessing: true });
    const row = { id: subjectId, ...(computed.body as object) };
    outside.world.replies[list] = { status: 200, body: { value: [row] } };
    outside.world.replies[`${list}/`] = computed;
    expect(await found(collector, 'case-1', sampleStart)).toEqual([]);
    outside.world.replies[`${list}/`] = riskRow({ isProcessing: false });
    outside.world.replies[detections] = { status: 200, body: { value: [arrived('late')] } };
    now = new Date(now.getTime() + 15_000);
    // The case has not moved while it waited.
    expect(await found(collector, 'case-1', sampleStart)).toEqual(['late']);
  });

  it('look no second time where they have been waiting since before the last look', async () => {
    const collector = outside.together();
    await found(collector, 'case-1', sampleStart);
    await found(collector, 'case-2', sampleStart);
    expect(looks()).toBe(1);
  });
});

it('names the owner whom the configuration lists for the account, and nobody else', async () => {
  expect(await collect()).not.toHaveProperty('owner');
  outside.owners[subjectId] = 'Payments, ext. 12';
  try {
    expect(await collect()).toMatchObject({ owner: 'Payments, ext. 12' });
  } finally {
    delete outside.owners[subjectId];
  }
});
