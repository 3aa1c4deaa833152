import type { Case } from '@sallyport/case';
import { eventFor, type Step } from '@sallyport/case/testing';
import type { StepKind } from '@sallyport/evidence';
import { NotYet, RetryableError } from '@sallyport/queue';
import { DryRun } from './dry-run';
import { executorRig, type ExecutorRig, patienceMs } from './testing/executor-rig';

let rig: ExecutorRig;
beforeAll(async () => {
  rig = await executorRig();
}, 60_000);
afterAll(() => rig.close());
beforeEach(() => rig.reset());

const written = () => rig.world.writes.map(({ step }) => step);
/** Somebody has it tried again, and says of these steps that they did not happen. */
const retried = (...notDone: StepKind[]): Step[] => {
  const steps = notDone.map((step) => ({ slot: 'proposed' as const, step, done: false }));
  return [(c) => eventFor(c, 'review.resolved', { steps }), 'notice.posted', 'ticket.updated'];
};
/** A release that Graph has taken without effect: a person has looked, and has it tried again. */
async function rechecking(...notDone: StepKind[]): Promise<Case> {
  rig.world.faults = { dismissRisk: ['silent'] };
  const c = await rig.drive(await rig.approvedCase());
  expect(c).toMatchObject({ phase: 'reviewOpened', review: { reason: 'actionUnknown' } });
  return rig.extend(c.id, 'notice.posted', 'ticket.updated', ...retried(...notDone));
}
const shows = () => Object.assign(rig.world.account.risk, { state: 'dismissed', level: 'none' });

describe('a person’s retry of a write in doubt', () => {
  it('reads it back, and goes on from there where it shows after all: nothing is called', async () => {
    const c = await rechecking();
    shows();
    const after = await rig.drive(c);
    expect(after).toMatchObject({ phase: 'settled', proposed: { result: 'done' } });
    expect(written()).toEqual(['dismissRisk']);
    const detail = expect.stringMatching(/^Looked at again\. Read back: risk state is dismissed/);
    expect((await rig.eventsOf(c))[c.seq]).toMatchObject({
      type: 'action.finished',
      outcome: 'applied',
      detail,
    });
  });

  it('goes back to a person where it does not show', async () => {
    const after = await rig.drive(await rechecking());
    expect(after).toMatchObject({ phase: 'reviewOpened', review: { reason: 'actionUnknown' } });
    expect(written()).toEqual(['dismissRisk']);
  });

  it('starts over where a person has seen that it did not happen: evidence, decision, approval', async () => {
    const after = await rig.drive(await rechecking('dismissRisk'));
    expect(after).toMatchObject({ phase: 'opened', proposed: null, proposal: null, review: null });
    expect(written()).toEqual(['dismissRisk']);
  });

  it('believes the account more than the person', async () => {
    const c = await rechecking('dismissRisk');
    shows();
    expect((await rig.drive(c)).phase).toBe('settled');
    expect(written()).toEqual(['dismissRisk']);
  });

  it.each(['before', 'after'] as const)('survives a crash %s each of its appends', async (when) => {
    const c = await rechecking('dismissRisk');
    const first = rig.crashingLog.appends;
    let died = 0;
    rig.crashingLog.dies = (append) => (append > first && died++ < 3 ? when : 'no');
    expect((await rig.drive(c)).phase).toBe('opened');
    expect(written()).toEqual(['dismissRisk']);
  });

  it('says nothing while the account cannot be read', async () => {
    const c = await rechecking('dismissRisk');
    rig.world.readable = false;
    await expect(rig.run(c)).rejects.toBeInstanceOf(RetryableError);
    expect((await rig.caseNow(c)).seq).toBe(c.seq);
  });
});

describe('a containment that was broken off', () => {
  /** One step is proven, the other was refused; somebody has it tried again. */
  async function brokenOff(): Promise<Case> {
    rig.world.account.risk.level = 'high';
    rig.world.faults = { forcePasswordChange: ['403'] };
    const c = await rig.drive(await rig.decidedCase());
    rig.world.faults = {};
    const [collected, decided] = (await rig.eventsOf(c)).slice(1, 3);
    if (!collected || !decided) throw new Error('nothing was decided');
    const told = ['notice.posted', 'ticket.updated'] as const;
    return rig.extend(
      c.id,
      ...told,
      ...retried(),
      () => collected,
      () => decided,
    );
  }

  it('goes on with what is not proven, and does nothing again', async () => {
    const after = await rig.drive(await brokenOff());
    expect(after).toMatchObject({ phase: 'settled', immediate: { result: 'done' } });
    expect(written()).toEqual(['revokeSessions', 'forcePasswordChange', 'forcePasswordChange']);
    expect(new Set(rig.world.writes.map(({ clientRequestId }) => clientRequestId)).size).toBe(3);
  });

  it('goes on as a dry run where that is switched on meanwhile', async () => {
    const c = await brokenOff();
    const before = written();
    const after = await rig.drive(c, rig.handlerIn(new DryRun(true, [])));
    expect(after).toMatchObject({ phase: 'reviewOpened', review: { reason: 'dryRun' } });
    expect(written()).toEqual(before);
  });
});

it('a write of a moment ago gets its time to show before it is said not to', async () => {
  const c = await rig.approvedCase();
  const begun = await rig.extend(
    c.id,
    (now) => eventFor(now, 'action.started', { at: rig.clock().toISOString() }),
    ...(['review.opened', 'notice.posted', 'ticket.updated'] as const),
    ...retried(),
  );
  await expect(rig.run(begun)).rejects.toBeInstanceOf(NotYet);
  rig.pass(patienceMs);
  await rig.run(begun);
  expect((await rig.caseNow(c)).phase).toBe('stuck');
});
