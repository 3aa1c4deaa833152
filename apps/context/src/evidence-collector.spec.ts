import { sampleInstant, sampleStart } from '@sallyport/evidence/testing';
import { outage, outsideWorld } from './testing/outside-world';

const now = new Date(sampleInstant(30));
let outside: Awaited<ReturnType<typeof outsideWorld>>;
beforeAll(async () => {
  outside = await outsideWorld(() => now);
});
afterAll(() => outside.stop());
beforeEach(() => outside.reset());

const collect = async () => {
  const ticket = await outside.collector.ticket('case-1', 'a'.repeat(32));
  return outside.collector.collect('case-1', ticket, sampleStart);
};

it('says until when the logs could be complete, as rows arrive late', async () => {
  const { logs } = await collect();
  expect(logs).toMatchObject({ state: 'known', value: { completeUntil: sampleInstant(15) } });
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

it('tells what our own service principal may do, and what nobody told us of it', async () => {
  const { capabilities } = await collect();
  expect(capabilities).toMatchObject({
    state: 'known',
    value: { revokeSessions: { can: 'unknown', obstacles: ['notGranted'] } },
  });
  outside.world.replies['/v1.0/users/abcdef00-0000-4000-8000-000000000001'] = outage;
  expect((await collect()).capabilities).toMatchObject({ state: 'unknown', reason: 'unavailable' });
});
