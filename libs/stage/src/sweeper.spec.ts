import type { Case } from '@sallyport/case';
import { collected, logIn, opened } from '@sallyport/case/testing';
import type { Job, Stage } from '@sallyport/evidence';
import { sampleId, sampleInstant } from '@sallyport/evidence/testing';
import { backendKinds, openStage, type StageRig, until } from './test-rig';

jest.setTimeout(60_000);

const { caseId } = opened();
const jobOf = (c: Case, stage: Stage): Job => ({ caseId: c.id, stage, seq: c.seq });
const about = (n: number) => (c: Case) => ({ ...collected(c), subjectId: sampleId(n) });
const secondMs = 1_000;

describe.each(backendKinds)('the sweeper, with queues on %s,', (kind) => {
  let rig: StageRig;
  beforeAll(async () => {
    rig = await openStage(kind);
  });
  afterEach(() => rig.reset());
  afterAll(() => rig.close());

  const state = (c: Case, stage: Stage) => rig.queues.jobState(jobOf(c, stage));

  it('sends the wake-ups again that were lost with the queues', async () => {
    const first = await rig.writeNew('one', about(11));
    const second = await rig.writeNew('two', about(12));
    for (const c of [first, second]) await rig.queues.wake(jobOf(c, 'policy'));
    await rig.emptyQueues();
    expect([await state(first, 'policy'), await state(second, 'policy')]).toEqual(['missing', 'missing']);
    await rig.sweeper('policy').sweep();
    expect([await state(first, 'policy'), await state(second, 'policy')]).toEqual(['waiting', 'waiting']);
  });

  it('twenty times at once makes one job of each, and none of what already waits', async () => {
    const c = await rig.write(logIn('collected'));
    await rig.queues.wake(jobOf(c, 'policy'));
    const other = await rig.writeNew('other', about(11));
    await Promise.all(Array.from({ length: 20 }, () => rig.sweeper('policy').sweep()));
    expect((await rig.queues.counts()).policy).toEqual({ waiting: 2, delayed: 0, active: 0, failed: 0 });
    expect(await state(other, 'policy')).toBe('waiting');
  });

  it('leaves the stages of others alone', async () => {
    const c = await rig.write(logIn('collected'));
    await rig.sweeper('context').sweep();
    await rig.sweeper('audit').sweep();
    expect(await state(c, 'policy')).toBe('missing');
  });

  it('gives ordinary dispatch two seconds', async () => {
    const c = await rig.write(logIn('opened'));
    rig.setClock(sampleInstant(0));
    rig.passMs(2 * secondMs - 1);
    await rig.sweeper('context').sweep();
    expect(await state(c, 'context')).toBe('missing');
    rig.passMs(1);
    await rig.sweeper('context').sweep();
    expect(await state(c, 'context')).toBe('waiting');
  });

  it('wakes a vote when its time is over, not before', async () => {
    const c = await rig.write(logIn('voting'));
    rig.setClock(c.proposal?.expiresAt ?? '');
    await rig.sweeper('approval').sweep();
    expect(await state(c, 'approval')).toBe('missing');
    rig.passMs(2 * secondMs);
    await rig.sweeper('approval').sweep();
    expect(await state(c, 'approval')).toBe('waiting');
  });

  it.each(['inReview', 'closed'] as const)('leaves a case alone that is %s', async (phase) => {
    await rig.write(logIn(phase));
    for (const stage of ['context', 'policy', 'triage', 'approval', 'executor', 'audit'] as const)
      await rig.sweeper(stage).sweep();
    const counts = Object.values(await rig.queues.counts());
    expect(counts.every(({ waiting }) => waiting === 0)).toBe(true);
  });

  it('opens the review of a job that failed when nobody could write it', async () => {
    const c = await rig.write(logIn('collected'));
    await rig.fail(jobOf(c, 'policy'));
    expect(await rig.caseNow(caseId)).toEqual(c);

    await rig.sweeper('policy').sweep();
    const after = await rig.caseNow(caseId);
    expect(after).toMatchObject({
      phase: 'reviewOpened',
      seq: c.seq + 1,
      review: { stage: 'policy', reason: 'stageFailed', detail: expect.stringContaining('(broken)') },
    });
    expect(await state(after, 'approval')).toBe('waiting');
    // The job stays, for operators to see, and is not taken up again.
    expect(await state(c, 'policy')).toBe('failed');
    await rig.sweeper('policy').sweep();
    expect((await rig.caseNow(caseId)).seq).toBe(after.seq);
  });

  it('goes on to the ticket where the notice of a review failed', async () => {
    const c = await rig.write(logIn('reviewOpened'));
    await rig.fail(jobOf(c, 'approval'));
    await rig.sweeper('approval').sweep();
    const after = await rig.caseNow(caseId);
    expect(after).toMatchObject({ phase: 'reviewPosted', review: { noticeFailure: 'broken' } });
    expect(await state(after, 'audit')).toBe('waiting');
  });

  it('tries a ticket write again, every twentieth time, where only that is left', async () => {
    const c = await rig.write(logIn('reviewPosted'));
    await rig.fail(jobOf(c, 'audit'));
    const sweeper = rig.sweeper('audit');
    for (let sweeps = 1; sweeps < 20; sweeps += 1) await sweeper.sweep();
    expect(await state(c, 'audit')).toBe('failed');
    await sweeper.sweep();
    expect(await state(c, 'audit')).toBe('waiting');
    expect(await rig.caseNow(caseId)).toEqual(c);
  });

  it('hands the others over where one case cannot be', async () => {
    const cases = [];
    for (const n of [11, 12, 13]) cases.push(await rig.writeNew(`case ${n}`, about(n)));
    await rig.fail(...cases.map((c) => jobOf(c, 'policy')));
    const [, damaged] = cases;
    await rig.tamper(
      `UPDATE sallyport.case_event SET hash = repeat('0', 64) WHERE case_id = '${damaged?.id}'`,
    );
    await rig.sweeper('policy').sweep();
    for (const c of cases.filter((candidate) => candidate !== damaged))
      expect(await rig.caseNow(c.id)).toMatchObject({ phase: 'reviewOpened' });
    expect(await rig.eventTypes(damaged?.id ?? '')).toHaveLength(2);
  });

  it('lets the case try where only an earlier job of its stage has failed', async () => {
    const c = await rig.write(logIn('posting'));
    await rig.fail({ ...jobOf(c, 'approval'), seq: c.seq - 1 });
    await rig.sweeper('approval').sweep();
    expect(await rig.caseNow(caseId)).toEqual(c);
    expect(await state(c, 'approval')).toBe('waiting');
  });

  it('hands a case over once, however many of its jobs have failed', async () => {
    const c = await rig.write(logIn('collected'));
    await rig.fail(jobOf(c, 'policy'));
    await rig.fail({ ...jobOf(c, 'policy'), seq: 1 });
    await rig.sweeper('policy').sweep();
    expect((await rig.caseNow(caseId)).seq).toBe(c.seq + 1);
  });
});

describe('the sweeper of a running service', () => {
  let rig: StageRig;
  beforeAll(async () => {
    rig = await openStage('postgres');
  });
  afterEach(() => rig.reset());
  afterAll(() => rig.close());

  it('sweeps by itself, goes on after a sweep that failed, and stops with its service', async () => {
    const c = await rig.write(logIn('collected'));
    const sweeper = rig.sweeper('policy', 20);
    rig.queues.breakNextWake = true;
    sweeper.onApplicationBootstrap();
    await until(async () => (await rig.queues.jobState(jobOf(c, 'policy'))) === 'waiting');
    expect(rig.queues.breakNextWake).toBe(false);
    await sweeper.onApplicationShutdown();
    await rig.emptyQueues();
    rig.queues.breakNextWake = true;
    // Five intervals: a sweeper that still ran would have tripped over the broken wake-up.
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(rig.queues.breakNextWake).toBe(true);
    rig.queues.breakNextWake = false;
  });
});
