import { type Case, watchGraceMs } from '@sallyport/case';
import { eventFor, type Step } from '@sallyport/case/testing';
import { callerId, subjectId } from '@sallyport/evidence/testing';
import { NotYet, StageContext } from '@sallyport/queue';
import { stageRig, type StageRig } from '@sallyport/stage/testing';
import { ContextHandler } from './context.handler';
import { outage, outsideWorld, riskRow, ticketRow } from './testing/outside-world';

let rig: StageRig;
let outside: Awaited<ReturnType<typeof outsideWorld>>;
let handler: ContextHandler;
beforeAll(async () => {
  rig = await stageRig();
  outside = await outsideWorld(rig.clock);
}, 60_000);
afterAll(async () => {
  await outside.stop();
  await rig.close();
});
beforeEach(() => {
  rig.restartClock();
  outside.reset();
  settled();
  handler = new ContextHandler(rig.stage, rig.log, outside.collector, outside.watcher());
});

const minuteMs = 60_000;
const risk = '/v1.0/identityProtection/riskyUsers';
const detections = '/v1.0/identityProtection/riskDetections';
const row = (over: Record<string, unknown>) =>
  riskRow({ id: subjectId, riskState: 'dismissed', riskLevel: 'none', ...over });
const listOf = (...value: unknown[]) => ({ status: 200, body: { value } });
const settled = (over: Record<string, unknown> = {}) => {
  outside.world.replies[risk] = listOf(row(over).body);
  outside.world.replies[`${risk}/`] = row(over);
};
const detection = () => ({
  id: 'new-one',
  userId: subjectId,
  riskEventType: 'maliciousIPAddress',
  riskLevel: 'high',
  riskState: 'atRisk',
  detectedDateTime: rig.clock().toISOString(),
  lastUpdatedDateTime: rig.clock().toISOString(),
});
const applied: readonly Step[] = ['action.started', 'action.finished'];

/** A case whose account was released just now and is watched for ten minutes. */
async function watchedCase(): Promise<Case> {
  const asked = ['evidence.collected', 'policy.decided', 'triage.written', 'approval.requested'] as const;
  const c = await rig.newCase(
    ...[...asked, 'notice.posted' as const, 'approval.voted' as const, 'approval.decided' as const],
    ...[...applied, ...applied],
    (now) =>
      eventFor(now, 'execution.completed', {
        watchUntil: new Date(Date.parse(now.updatedAt) + 10 * minuteMs).toISOString(),
      }),
    'ticket.updated',
  );
  const sinceMs = Date.parse(c.updatedAt) - rig.clock().getTime();
  rig.pass(Math.ceil(sinceMs / minuteMs) * minuteMs);
  return c;
}

const wake = (c: Case) =>
  handler.handle({ caseId: c.id, stage: 'context', seq: c.seq }, new StageContext([1, 'job'])).then(
    () => null,
    (error: unknown) => error,
  );
const listsRead = () => outside.world.asked.filter((path) => path === risk || path === detections).length;

it('looks once in its pace, writes nothing while nothing is new, and ends', async () => {
  const c = await watchedCase();
  const endMs = Date.parse(c.watch?.until ?? '');
  let looks = 0;
  for (rig.pass(minuteMs); rig.clock().getTime() < endMs; rig.pass(minuteMs)) {
    expect(await wake(c)).toMatchObject({ code: 'watching' });
    looks += 1;
  }
  expect((await rig.caseNow(c)).seq).toBe(c.seq);
  expect(looks).toBeGreaterThan(5);
  expect(listsRead()).toBe(2 * looks);
  expect(await wake(c)).toBeNull();
  expect(await rig.caseNow(c)).toMatchObject({ phase: 'settled', seq: c.seq + 1 });
});

it('ends no watch by a clock that runs ahead, and ends it when the time is really over', async () => {
  const c = await watchedCase();
  const aheadMs = 120 * minuteMs;
  handler = new ContextHandler(rig.stage, rig.log, outside.collector, outside.watcher(aheadMs));
  rig.pass(minuteMs + aheadMs);
  expect(await wake(c)).toMatchObject({ code: 'watching' });
  expect((await rig.caseNow(c)).phase).toBe('watching');
  rig.pass(10 * minuteMs);
  expect(await wake(c)).toBeNull();
  expect((await rig.caseNow(c)).phase).toBe('settled');
});

it('does not look twice in one pace, however often it is woken', async () => {
  const c = await watchedCase();
  rig.pass(minuteMs);
  for (let wakes = 0; wakes < 5; wakes += 1) {
    rig.pass(1_000);
    const error = await wake(c);
    expect(error).toBeInstanceOf(NotYet);
  }
  expect(listsRead()).toBe(2);
});

it('reads two lists for ten accounts that are watched at once', async () => {
  const cases = [await watchedCase()];
  const [first] = cases;
  if (!first) throw new Error('there is one');
  rig.pass(minuteMs);
  await Promise.all(Array.from({ length: 10 }, () => wake(first)));
  expect(listsRead()).toBe(2);
});

it('sounds the alarm for a detection that nobody has judged, and the case starts over', async () => {
  const c = await watchedCase();
  rig.pass(minuteMs);
  outside.world.replies[detections] = listOf(detection());
  expect(await wake(c)).toBeNull();
  const after = await rig.caseNow(c);
  expect(after).toMatchObject({ phase: 'opened', alarms: 1, proposed: null, immediate: null });
  expect(after.watch?.alarm).toBe('1 new risk detection(s) since the release: maliciousIPAddress.');
  expect(await rig.queues.jobState({ caseId: c.id, stage: 'context', seq: after.seq })).toBe('waiting');
});

it('sounds it for a risk that rose again', async () => {
  const c = await watchedCase();
  rig.pass(minuteMs);
  settled({ riskState: 'atRisk', riskLevel: 'high' });
  await wake(c);
  expect((await rig.caseNow(c)).watch?.alarm).toBe('The risk was dismissed and is high/atRisk now.');
});

it('asks the account itself where a list that lags says so', async () => {
  const c = await watchedCase();
  rig.pass(minuteMs);
  outside.world.replies[risk] = listOf(row({ riskState: 'atRisk', riskLevel: 'high' }).body);
  expect(await wake(c)).toMatchObject({ code: 'watching' });
  expect(outside.world.asked).toContain(`${risk}/${subjectId}`);
});

it('goes on after its end while nothing can be read, and then gives the case to a person', async () => {
  const c = await watchedCase();
  outside.world.replies[detections] = outage;
  rig.pass(11 * minuteMs);
  expect(await wake(c)).toMatchObject({ code: 'watching' });
  expect((await rig.caseNow(c)).phase).toBe('watching');
  rig.pass(watchGraceMs);
  expect(await wake(c)).toBeNull();
  expect(await rig.caseNow(c)).toMatchObject({ phase: 'reviewOpened', review: { reason: 'watchBlind' } });
});

it('ends well where it can be read again in that time', async () => {
  const c = await watchedCase();
  outside.world.replies[detections] = outage;
  rig.pass(11 * minuteMs);
  await wake(c);
  outside.world.replies[detections] = listOf();
  rig.pass(5 * minuteMs);
  await wake(c);
  expect((await rig.caseNow(c)).phase).toBe('settled');
});

describe('an account that came under risk again', () => {
  const ticket = '/api/now/v2/table/incident/';
  const subjectField = 'u_risky_user.u_entra_object_id';
  const alarmedCase = async () => rig.extend((await watchedCase()).id, 'watch.alarmed');

  it('is not lost where the ticket names somebody else by then, who has a case of their own', async () => {
    const other = await rig.newCase((now) => eventFor(now, 'evidence.collected', { subjectId: callerId }));
    const c = await alarmedCase();
    await rig.db.query('UPDATE sallyport.case_head SET active_subject = $2 WHERE case_id = $1', [
      other.id,
      callerId,
    ]);
    outside.world.replies[ticket] = {
      status: 200,
      body: { result: ticketRow({ [subjectField]: callerId }) },
    };
    expect(await wake(c)).toBeNull();
    const { subjectId: released, phase, review } = await rig.caseNow(c);
    expect({ released, phase }).toEqual({ released: subjectId, phase: 'reviewOpened' });
    expect(review?.reason).toBe('subjectChanged');
    expect(review?.detail).toContain(subjectId);
    expect(review?.checklist.join('\n')).toMatch(/at risk again.*\n(.*\n)*Contain the released account/);
  });

  it.each([
    ['nobody', { status: 200, body: { result: ticketRow({ [subjectField]: '' }) } }],
    [
      'nothing any more, because it is gone',
      { status: 404, body: { error: { message: 'No Record found' } } },
    ],
  ])('is not lost where the ticket names %s', async (_, reply) => {
    const c = await alarmedCase();
    outside.world.replies[ticket] = reply;
    expect(await wake(c)).toBeNull();
    expect(await rig.caseNow(c)).toMatchObject({
      phase: 'reviewOpened',
      review: { reason: 'subjectChanged' },
    });
  });

  it('does not wait for ServiceNow: the ticket counts as it was, and is named as that', async () => {
    const c = await alarmedCase();
    outside.world.replies[ticket] = outage;
    settled({ riskState: 'atRisk', riskLevel: 'high' });
    outside.world.replies[detections] = listOf(detection());
    expect(await wake(c)).toBeNull();
    const { phase, evidence } = await rig.caseNow(c);
    expect(phase).toBe('collected');
    expect(evidence?.ticket).toMatchObject({
      state: 'known',
      source: {
        call: expect.stringMatching(/ServiceNow does not answer\)$/),
        readAt: c.evidence?.ticket.source.readAt,
      },
    });
    expect(evidence?.risk).toMatchObject({ state: 'known', value: { state: 'atRisk' } });
  });

  it('waits for its risk to follow the detection, ten minutes and no longer', async () => {
    outside.world.replies[detections] = listOf(detection());
    const c = await alarmedCase();
    rig.pass(Date.parse(c.updatedAt) - rig.clock().getTime());
    expect(await wake(c)).toMatchObject({ code: 'riskProcessing' });
    rig.pass(9 * minuteMs);
    expect(await wake(c)).toMatchObject({ code: 'riskProcessing' });
    rig.pass(minuteMs);
    expect(await wake(c)).toBeNull();
    expect((await rig.caseNow(c)).phase).toBe('collected');
  });

  it('does not wait where its risk has followed', async () => {
    outside.world.replies[detections] = listOf(detection());
    const c = await alarmedCase();
    settled({ riskState: 'atRisk', riskLevel: 'high' });
    expect(await wake(c)).toBeNull();
  });

  it('is looked at anew where the ticket is still about its user', async () => {
    const c = await alarmedCase();
    expect(await wake(c)).toBeNull();
    expect(await rig.caseNow(c)).toMatchObject({ phase: 'collected', subjectId });
  });
});

it('a ticket that comes while the closing note of a release is written gets a case of its own', async () => {
  const second = await rig.newCase();
  const c = await watchedCase();
  outside.world.replies[detections] = listOf(detection());
  await rig.extend(c.id, 'watch.ended');
  expect(await wake(second)).toBeNull();
  expect(await rig.caseNow(second)).toMatchObject({ phase: 'collected', subjectId });
});
