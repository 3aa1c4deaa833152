import type { Case } from '@sallyport/case';
import { CaseLog } from '@sallyport/case-log';
import { evidenceParts } from '@sallyport/evidence';
import { subjectId } from '@sallyport/evidence/testing';
import { evidenceDigest } from '@sallyport/idempotency';
import { defaultRetryPolicy, NotYet, RetryableError, StageContext } from '@sallyport/queue';
import { ContextHandler } from './context.handler';
import { outage, outsideWorld, riskRow, ticketRow } from './testing/outside-world';
import { stageRig, type StageRig } from '@sallyport/stage/testing';

let rig: StageRig;
let outside: Awaited<ReturnType<typeof outsideWorld>>;
let handler: ContextHandler;
beforeAll(async () => {
  rig = await stageRig();
  outside = await outsideWorld(rig.clock);
  handler = new ContextHandler(rig.stage, rig.log, outside.collector, outside.watcher());
}, 60_000);
afterAll(async () => {
  await outside.stop();
  await rig.close();
});
beforeEach(() => {
  rig.restartClock();
  outside.reset();
});

const run = (c: Case, attempt = 1, by = handler) =>
  by.handle({ caseId: c.id, stage: 'context', seq: c.seq }, new StageContext([attempt, 'job']));
const thrownBy = (promise: Promise<void>) =>
  promise.then(
    () => null,
    (error: unknown) => error,
  );

it('reads the ticket and its subject, appends one event, and wakes policy', async () => {
  const c = await rig.newCase();
  await run(c);
  const after = await rig.caseNow(c);
  expect(after).toMatchObject({ seq: 2, phase: 'collected', subjectId, round: 1 });
  expect(after.evidenceDigest).toBe(after.evidence && evidenceDigest(after.evidence));
  for (const part of evidenceParts)
    expect({ part, state: after.evidence?.[part]?.state }).toEqual({ part, state: 'known' });
  expect(await rig.queues.jobState({ caseId: c.id, stage: 'policy', seq: 2 })).toBe('waiting');
});

it('leaves a case alone that does not wait for it', async () => {
  const c = await rig.newCase('evidence.collected');
  await run(c);
  expect((await rig.caseNow(c)).seq).toBe(2);
  expect(outside.world.asked).toEqual([]);
});

it.each<[string, Record<string, string> | null, string]>([
  ['names nobody', { 'u_risky_user.u_entra_object_id': '' }, 'known'],
  ['names somebody by address', { 'u_risky_user.u_entra_object_id': 'sam@contoso.example' }, 'unknown'],
  ['is not there', null, 'unknown'],
])('knows nothing, and says why, where the ticket %s', async (_, row, ticketState) => {
  const path = '/api/now/v2/table/incident/';
  if (row) outside.world.replies[path] = { status: 200, body: { result: ticketRow(row) } };
  else delete outside.world.replies[path];
  const c = await rig.newCase();
  await run(c);
  const { evidence, ...after } = await rig.caseNow(c);
  expect(after).toMatchObject({ phase: 'collected', subjectId: null });
  expect(evidence?.ticket.state).toBe(ticketState);
  for (const part of evidenceParts.filter((name) => name !== 'ticket')) {
    expect(evidence?.[part]).toMatchObject({
      state: 'unknown',
      reason: 'notFound',
      detail: 'the ticket does not lead to exactly one user',
    });
  }
  expect(outside.world.asked.filter((asked) => asked.startsWith('/v1.0/'))).toEqual([]);
});

it.each([1, defaultRetryPolicy.attempts])(
  'tries again while ServiceNow is unavailable, also on attempt %i: without a ticket there is no subject',
  async (attempt) => {
    outside.world.replies['/api/now/v2/table/incident/'] = outage;
    const c = await rig.newCase();
    expect(await thrownBy(run(c, attempt))).toMatchObject({
      name: 'RetryableError',
      code: 'ticketUnavailable',
    });
    expect((await rig.caseNow(c)).seq).toBe(1);
  },
);

it('links the case where another open case governs the subject, without asking the directory', async () => {
  const c = await rig.newCase();
  const primary = await rig.newCase('evidence.collected');
  await run(c);
  expect(await rig.caseNow(c)).toMatchObject({ phase: 'linked', primaryCaseId: primary.id, evidence: null });
  expect(outside.world.asked.filter((asked) => asked.startsWith('/v1.0/'))).toEqual([]);
});

it('links one of two cases that read the same subject at the same instant', async () => {
  const cases = [await rig.newCase(), await rig.newCase()];
  outside.world.hold = whenBothAsk();
  await Promise.all(cases.map((c) => run(c)));
  const [one, other] = await Promise.all(cases.map((c) => rig.caseNow(c)));
  const [governing, linked] = one?.phase === 'collected' ? [one, other] : [other, one];
  expect(governing).toMatchObject({ phase: 'collected', subjectId });
  expect(linked).toMatchObject({ phase: 'linked', primaryCaseId: governing?.id });
});

it('tries again where the governing case closes between the refusal and the look', async () => {
  class Forgetful extends CaseLog {
    override activeCaseOf(): Promise<null> {
      return Promise.resolve(null);
    }
  }
  const c = await rig.newCase();
  await rig.newCase('evidence.collected');
  const forgetful = new ContextHandler(
    rig.stage,
    new Forgetful(rig.db),
    outside.collector,
    outside.watcher(),
  );
  expect(await thrownBy(run(c, 1, forgetful))).toMatchObject({ name: 'RetryableError', code: 'subjectBusy' });
});

it('rides out a Graph outage until the last attempt, and then says what is not known', async () => {
  outside.world.replies['/v1.0/identityProtection/riskyUsers/'] = outage;
  const c = await rig.newCase();
  for (const attempt of [1, defaultRetryPolicy.attempts - 1]) {
    const error = await thrownBy(run(c, attempt));
    expect(error).toBeInstanceOf(RetryableError);
    expect(error).toMatchObject({ code: 'evidenceUnavailable', message: 'could not read: risk' });
  }
  await run(c, defaultRetryPolicy.attempts);
  const { evidence } = await rig.caseNow(c);
  expect(evidence?.risk).toMatchObject({ state: 'unknown', reason: 'unavailable' });
  expect(evidence?.detections.state).toBe('known');
});

it('does not wait for the history of the risk, which no containment needs', async () => {
  outside.world.replies[`/v1.0/identityProtection/riskyUsers/${subjectId}/history`] = outage;
  const c = await rig.newCase();
  await run(c);
  const { evidence, phase } = await rig.caseNow(c);
  expect(phase).toBe('collected');
  expect(evidence?.history).toMatchObject({ state: 'unknown', reason: 'unavailable' });
});

it('does not wait for what no waiting cures', async () => {
  outside.world.replies['/v1.0/auditLogs/'] = { status: 403, body: { error: { code: 'Forbidden' } } };
  const c = await rig.newCase();
  await run(c);
  expect((await rig.caseNow(c)).evidence?.signIns).toMatchObject({ state: 'unknown', reason: 'forbidden' });
});

it('waits while Identity Protection computes, ten minutes and no longer', async () => {
  outside.world.replies['/v1.0/identityProtection/riskyUsers/'] = riskRow({ isProcessing: true });
  const c = await rig.newCase();
  rig.pass(Date.parse(c.updatedAt) - rig.clock().getTime());
  for (const waitedMs of [0, 9 * 60_000]) {
    rig.pass(waitedMs);
    const error = await thrownBy(run(c));
    expect(error).toBeInstanceOf(NotYet);
    expect(error).toMatchObject({ code: 'riskProcessing', retryAfterMs: 15_000 });
  }
  rig.pass(60_000);
  await run(c);
  expect((await rig.caseNow(c)).evidence?.risk).toMatchObject({
    state: 'known',
    value: { processing: true },
  });
});

/** Holds the directory's answers until both readers have asked, so that neither sees the other's case. */
function whenBothAsk(): () => Promise<void> {
  let release: () => void = () => undefined;
  const both = new Promise<void>((resolve) => (release = resolve));
  return () => {
    const users = outside.world.asked.filter((asked) => asked === `/v1.0/users/${subjectId}`);
    if (users.length === 2) release();
    return both;
  };
}
