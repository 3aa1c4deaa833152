import { type Case, nextStage, type Phase, phases } from '@sallyport/case';
import { caseIn, eventFor, logIn, opened } from '@sallyport/case/testing';
import { type Job, type Stage, stages } from '@sallyport/evidence';
import type { DeadLetter } from '@sallyport/queue';
import { openStage, type StageRig } from './test-rig';

jest.setTimeout(60_000);

let rig: StageRig;
beforeAll(async () => {
  rig = await openStage('postgres');
});
afterEach(() => rig.reset());
afterAll(() => rig.close());

const { caseId } = opened();
const dead: DeadLetter = { code: 'graphFailed', message: 'Graph said 503.', attempts: 8 };
const job = (stage: Stage, seq: number): Job => ({ caseId, stage, seq });
const lastEvent = async () => (await rig.log.read(caseId)).links.at(-1)?.event;
const minuteMs = 60_000;

type Handover =
  | 'alarmNotTold'
  | 'watchNotNoted'
  | 'endNotTold'
  | 'review'
  | 'reviewOfWhatWasFound'
  | 'noticeFailed'
  | 'nothing';

/** What becomes of a case whose stage has failed for good, wherever the case stands. */
const handovers: Readonly<Record<Phase, Handover>> = {
  opened: 'review',
  collected: 'review',
  linked: 'review',
  containing: 'review',
  advising: 'review',
  asking: 'review',
  posting: 'review',
  voting: 'nothing', // People have time to answer: no job of this phase can have failed yet.
  tallied: 'review',
  executing: 'review',
  watchOpened: 'watchNotNoted', // The account is released: it is watched in any case.
  watching: 'review',
  alarmed: 'alarmNotTold', // What policy wanted at once is done; the ticket can still be told.
  alarmPosted: 'review',
  stuck: 'reviewOfWhatWasFound',
  settled: 'review',
  recorded: 'review',
  reviewOpened: 'noticeFailed', // Teams cannot be told; the ticket still can.
  reviewPosted: 'nothing', // Only the ticket write is left; the sweeper tries it again.
  inReview: 'nothing',
  reviewEnded: 'endNotTold', // The person’s word stands.
  reviewEndPosted: 'nothing', // Only the ticket write is left.
  rechecking: 'review',
  closed: 'nothing',
};

describe.each(phases)('a job that failed for good, of a case that is %s,', (phase) => {
  const c: Case = caseIn(phase);
  const stage = nextStage(c)?.stage;
  const handover = handovers[phase];

  it(`leads to: ${handover}`, async () => {
    await rig.write(logIn(phase));
    const failed = job(stage ?? 'audit', c.seq);
    expect(await rig.deadLetters.handOver(failed, dead)).toBe(handover !== 'nothing');
    const after = await rig.caseNow(caseId);
    expect(after.seq).toBe(handover === 'nothing' ? c.seq : c.seq + 1);
    if (handover === 'nothing') return;

    const at = rig.clock().toISOString();
    const expected = {
      review: {
        type: 'review.opened',
        at,
        stage,
        reason: 'stageFailed',
        detail: `The ${stage} stage gave up after 8 attempts (graphFailed). Its log has the cause.`,
      },
      reviewOfWhatWasFound: { type: 'review.opened', at, ...c.stuck },
      alarmNotTold: { type: 'notice.posted', at, kind: 'alarm', messages: [], failure: 'graphFailed' },
      watchNotNoted: { type: 'ticket.updated', at, purpose: 'watch', modCount: 0, failure: 'graphFailed' },
      endNotTold: { type: 'notice.posted', at, kind: 'reviewEnded', messages: [], failure: 'graphFailed' },
      noticeFailed: { type: 'notice.posted', at, kind: 'review', messages: [], failure: 'graphFailed' },
    }[handover];
    expect(await lastEvent()).toMatchObject(expected);
    const others = handover === 'watchNotNoted' ? 'context' : 'audit';
    const next = handover.startsWith('review') ? 'approval' : others;
    expect(await rig.queues.jobState(job(next, after.seq))).toBe('waiting');
  });

  it('leads to nothing where it was the job of another stage', async () => {
    await rig.write(logIn(phase));
    for (const other of stages.filter((candidate) => candidate !== stage))
      expect(await rig.deadLetters.handOver(job(other, c.seq), dead)).toBe(false);
    expect((await rig.caseNow(caseId)).seq).toBe(c.seq);
  });
});

it('a vote that could not be closed after its time goes to a person', async () => {
  const { seq, proposal } = await rig.write(logIn('voting'));
  rig.setClock(proposal?.expiresAt ?? '');
  expect(await rig.deadLetters.handOver(job('approval', seq), dead)).toBe(true);
  expect(await rig.caseNow(caseId)).toMatchObject({ phase: 'reviewOpened', review: { stage: 'approval' } });
});

it.each([
  ['audit', 'settled', true],
  ['context', 'opened', false],
] as const)(
  'a timeout of %s, of a case that is %s, leaves open whether the ticket has the note: %s',
  async (stage, phase, open) => {
    const { seq } = await rig.write(logIn(phase));
    await rig.deadLetters.handOver(job(stage, seq), { ...dead, code: 'timeout' });
    const detail = (await rig.caseNow(caseId)).review?.detail ?? '';
    expect(detail).toContain('timeout');
    expect(detail.includes('the note may be there or not')).toBe(open);
  },
);

it('a dead letter that comes twice opens one review, and is not taken for a failed notice of it', async () => {
  const { seq } = await rig.write(logIn('posting'));
  const failed = job('approval', seq);
  expect(await rig.deadLetters.handOver(failed, dead)).toBe(true);
  expect(await rig.deadLetters.handOver(failed, dead)).toBe(false);
  expect(await rig.caseNow(caseId)).toMatchObject({ phase: 'reviewOpened', seq: seq + 1 });
});

it('ten dead letters at once open one review', async () => {
  const { seq } = await rig.write(logIn('collected'));
  const handed = await Promise.all(
    Array.from({ length: 10 }, () => rig.deadLetters.handOver(job('policy', seq), dead)),
  );
  expect(handed.filter((done) => done)).toHaveLength(1);
  expect(await rig.caseNow(caseId)).toMatchObject({ phase: 'reviewOpened', seq: seq + 1 });
});

it('a job that left events behind before it failed is handed over as the case stands now', async () => {
  const { seq } = await rig.write(logIn('asking'));
  const { case: c, hash } = (await rig.log.load(caseId)) ?? {};
  if (!c || !hash) throw new Error('The case is there.');
  await rig.log.append({ case: c, hash }, eventFor(c, 'approval.requested'));
  expect(await rig.deadLetters.handOver(job('approval', seq), dead)).toBe(true);
  expect(await rig.caseNow(caseId)).toMatchObject({ phase: 'reviewOpened', seq: seq + 2 });
});

it('a case that is not there is nobody to hand over', async () => {
  expect(await rig.deadLetters.handOver(job('context', 1), dead)).toBe(false);
});

it('a case whose log was changed is not written to', async () => {
  const { seq } = await rig.write(logIn('collected'));
  await rig.tamper(`UPDATE sallyport.case_event SET hash = repeat('0', 64) WHERE seq = 1`);
  await expect(rig.deadLetters.handOver(job('policy', seq), dead)).rejects.toMatchObject({
    code: 'caseLogDamaged',
  });
  expect(await rig.eventTypes(caseId)).toHaveLength(seq);
});

it('a review is written where its wake-up cannot be sent, and the sweeper sends it', async () => {
  const { seq } = await rig.write(logIn('collected'));
  rig.queues.breakNextWake = true;
  await expect(rig.deadLetters.handOver(job('policy', seq), dead)).rejects.toThrow(
    'the queue did not answer',
  );
  expect(await rig.caseNow(caseId)).toMatchObject({ phase: 'reviewOpened' });
  rig.passMs(minuteMs);
  await rig.sweeper('approval').sweep();
  expect(await rig.queues.jobState(job('approval', seq + 1))).toBe('waiting');
});

it.each(['x'.repeat(5_000), 'half \ud83d', 'NUL \u0000', 'jane@example.com'])(
  'a review does not repeat what the failure says, for it may be text from outside: %.20j',
  async (message) => {
    const { seq } = await rig.write(logIn('collected'));
    expect(await rig.deadLetters.handOver(job('policy', seq), { ...dead, message })).toBe(true);
    const { review } = await rig.caseNow(caseId);
    expect(review?.detail).toContain('(graphFailed)');
    expect(review?.detail).not.toContain(message);
  },
);
