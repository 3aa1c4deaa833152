import { caseIn, eventFor, logIn, opened } from '@sallyport/case/testing';
import type { Job, Stage } from '@sallyport/evidence';
import { sampleInstant } from '@sallyport/evidence/testing';
import { FatalError, RetryableError } from '@sallyport/queue';
import { backendKinds, openStage, type StageRig } from './test-rig';
import type { Turn } from './turn';

jest.setTimeout(60_000);

const { caseId } = opened();
const job = (stage: Stage, seq: number): Job => ({ caseId, stage, seq });
const collect = async (turn: Turn): Promise<void> => {
  await turn.append(eventFor(turn.case, 'evidence.collected'));
};
const neverCalled = (): never => {
  throw new Error('There was nothing to do.');
};

describe.each(backendKinds)('a stage, with queues on %s,', (kind) => {
  let rig: StageRig;
  beforeAll(async () => {
    rig = await openStage(kind);
  });
  afterEach(() => rig.reset());
  afterAll(() => rig.close());

  /** The stages that have a job waiting. */
  const awake = async (): Promise<string[]> =>
    Object.entries(await rig.queues.counts()).flatMap(([stage, { waiting }]) =>
      waiting > 0 ? [`${stage} ${waiting}`] : [],
    );

  it('does its work, appends its event and wakes the next stage', async () => {
    await rig.write(logIn('opened'));
    await rig.runner.run(job('context', 1), collect);
    expect(await rig.eventTypes(caseId)).toEqual(['case.opened', 'evidence.collected']);
    expect(await rig.queues.jobState(job('policy', 2))).toBe('waiting');
    expect(await awake()).toEqual(['policy 1']);
  });

  it('does nothing for a stale job, but sends the wake-up again', async () => {
    await rig.write(logIn('collected'));
    await rig.runner.run(job('context', 1), neverCalled);
    expect(await rig.eventTypes(caseId)).toHaveLength(2);
    expect(await rig.queues.jobState(job('policy', 2))).toBe('waiting');
  });

  it.each(['inReview', 'closed'] as const)('does nothing for a case that is %s', async (phase) => {
    const { seq } = await rig.write(logIn(phase));
    for (const stage of ['context', 'policy', 'approval', 'audit'] as const)
      await rig.runner.run(job(stage, seq), neverCalled);
    expect(await awake()).toEqual([]);
  });

  it('leaves a vote alone until its time is over', async () => {
    const { seq, proposal } = await rig.write(logIn('voting'));
    const expiresAt = proposal?.expiresAt ?? '';
    rig.setClock(new Date(Date.parse(expiresAt) - 1).toISOString());
    await rig.runner.run(job('approval', seq), neverCalled);
    expect(await awake()).toEqual([]);

    rig.setClock(expiresAt);
    await rig.runner.run(job('approval', seq), async (turn) => {
      await turn.append({ ...eventFor(turn.case, 'approval.decided'), at: turn.now().toISOString() });
    });
    expect(await rig.caseNow(caseId)).toMatchObject({ phase: 'stuck', proposal: { outcome: 'expired' } });
  });

  it('does its work where its clock is behind that of the stage before', async () => {
    await rig.write(logIn('opened'));
    rig.setClock(sampleInstant(-1));
    await rig.runner.run(job('context', 1), collect);
    expect(await rig.queues.jobState(job('policy', 2))).toBe('waiting');
  });

  it('that appends nothing leaves the case where it is', async () => {
    await rig.write(logIn('opened'));
    await rig.runner.run(job('context', 1), () => Promise.resolve());
    expect(await rig.eventTypes(caseId)).toEqual(['case.opened']);
  });

  it('opens the review of a stuck case once, for the reason that was found', async () => {
    const before = await rig.write(logIn('stuck'));
    const stuck = job('policy', before.seq);
    await Promise.all([1, 2, 3].map(() => rig.runner.run(stuck, neverCalled)));
    await rig.runner.run(stuck, neverCalled);
    const after = await rig.caseNow(caseId);
    expect(after).toMatchObject({ phase: 'reviewOpened', seq: before.seq + 1, review: before.stuck });
    expect(after.review?.checklist.length).toBeGreaterThan(0);
    expect(await rig.queues.jobState(job('approval', after.seq))).toBe('waiting');
  });

  it('that dies between its append and its wake-up is healed by its own job, tried again', async () => {
    await rig.write(logIn('opened'));
    rig.queues.breakNextWake = true;
    await expect(rig.runner.run(job('context', 1), collect)).rejects.toThrow('the queue did not answer');
    expect(await awake()).toEqual([]);
    await rig.runner.run(job('context', 1), neverCalled);
    expect(await rig.eventTypes(caseId)).toEqual(['case.opened', 'evidence.collected']);
    expect(await awake()).toEqual(['policy 1']);
  });

  it('that dies between its append and its wake-up is healed by the sweeper of the next', async () => {
    await rig.write(logIn('opened'));
    rig.queues.breakNextWake = true;
    await expect(rig.runner.run(job('context', 1), collect)).rejects.toThrow('the queue did not answer');
    await rig.sweeper('policy').sweep();
    expect(await rig.queues.jobState(job('policy', 2))).toBe('waiting');
    expect(await awake()).toEqual(['policy 1']);
  });

  it('appends once where ten processes work on the same case at once', async () => {
    await rig.write(logIn('opened'));
    let here = 0;
    let go: () => void = () => undefined;
    const everybodyIsHere = new Promise<void>((resolve) => (go = resolve));
    const runs = Array.from({ length: 10 }, () =>
      rig.runner.run(job('context', 1), async (turn) => {
        here += 1;
        if (here === 10) go();
        await everybodyIsHere;
        await collect(turn);
      }),
    );
    await Promise.all(runs);
    expect(await rig.eventTypes(caseId)).toEqual(['case.opened', 'evidence.collected']);
    expect(await awake()).toEqual(['policy 1']);
  });

  it('that was overtaken while it worked can append nothing more', async () => {
    await rig.write(logIn('opened'));
    const done: string[] = [];
    await rig.runner.run(job('context', 1), async (turn) => {
      await rig.runner.run(job('context', 1), collect);
      await turn.append(eventFor(turn.case, 'case.linked'));
      done.push('appended');
    });
    expect(done).toEqual([]);
    expect(await rig.caseNow(caseId)).toMatchObject({ phase: 'collected' });
  });
});

describe('a stage refuses', () => {
  let rig: StageRig;
  beforeAll(async () => {
    rig = await openStage('postgres');
  });
  afterEach(() => rig.reset());
  afterAll(() => rig.close());

  it('a case that is not there, for good', async () => {
    const run = rig.runner.run(job('context', 1), neverCalled);
    await expect(run).rejects.toThrow(FatalError);
    await expect(run).rejects.toMatchObject({ code: 'noSuchCase' });
    expect(await rig.runner.turnOf(caseId)).toBeNull();
  });

  it('a case whose log was changed, for good', async () => {
    await rig.write(logIn('collected'));
    await rig.tamper(`UPDATE sallyport.case_event SET hash = repeat('0', 64) WHERE seq = 1`);
    const run = rig.runner.run(job('policy', 2), neverCalled);
    await expect(run).rejects.toThrow(FatalError);
    await expect(run).rejects.toMatchObject({ code: 'caseLogDamaged' });
  });

  it('nothing else: what its work throws passes as it is, and wakes nobody', async () => {
    await rig.write(logIn('opened'));
    const failure = new RetryableError('graphThrottled', '429', { retryAfterMs: 7 });
    const run = rig.runner.run(job('context', 1), () => Promise.reject(failure));
    await expect(run).rejects.toBe(failure);
    expect(await rig.queues.jobState(job('context', 1))).toBe('missing');
    expect(await rig.caseNow(caseId)).toEqual(caseIn('opened'));
  });
});
