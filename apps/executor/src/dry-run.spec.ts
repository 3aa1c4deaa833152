import type { Case } from '@sallyport/case';
import { containPlan } from '@sallyport/evidence/testing';
import { CaseLog, type LoadedCase } from '@sallyport/case-log';
import { DryRun } from './dry-run';
import { Crash, executorRig, type ExecutorRig } from './testing/executor-rig';

let rig: ExecutorRig;
beforeAll(async () => {
  rig = await executorRig();
}, 60_000);
afterAll(() => rig.close());
beforeEach(() => rig.reset());

const everywhere = new DryRun(true, []);
const nowhere = new DryRun(false, []);
/** The sample ticket is of the category `security`. */
const there = new DryRun(false, ['elsewhere', 'Security']);
const dry = (c: Case, where = everywhere) => rig.drive(c, rig.handlerIn(where));

it.each([
  ['everywhere', everywhere],
  ['by the ticket’s category', there],
])('%s, a containment is told and not done, and a person takes over', async (_, where) => {
  rig.world.account.risk.level = 'high';
  const c = await rig.decidedCase();
  const after = await dry(c, where);
  expect(rig.world.writes).toEqual([]);
  expect(after).toMatchObject({
    ...{ phase: 'reviewOpened', immediate: { result: 'dryRun' } },
    review: {
      reason: 'dryRun',
      detail:
        'Dry run, not called: Sign the user out everywhere (revoke sessions); Scramble the password and force a change with MFA.',
      checklist: expect.arrayContaining([
        expect.stringMatching(/^Dry run, this was not done.*Sign the user out/),
      ]),
    },
  });
  const told = (await rig.eventsOf(c)).filter((event) => event.type === 'action.finished');
  expect(told).toMatchObject([
    { step: 'revokeSessions', detail: 'Dry run: would have called POST /users/{id}/revokeSignInSessions.' },
    { step: 'forcePasswordChange', detail: 'Dry run: would have called PATCH /users/{id}.' },
  ]);
});

it('a release is checked like any other, and every step of it told', async () => {
  rig.world.account.accountEnabled = false;
  const after = await dry(await rig.approvedCase());
  expect(after).toMatchObject({ phase: 'reviewOpened', proposed: { result: 'dryRun' } });
  expect(after.proposed?.actions.map(({ step, outcome }) => [step, outcome])).toEqual([
    ['dismissRisk', 'dryRun'],
    ['enableAccount', 'dryRun'],
  ]);
  expect(rig.world.writes).toEqual([]);
});

it('what people approve after a dry containment is a dry run too, where that is switched off meanwhile', async () => {
  rig.world.account.accountEnabled = false;
  const c = await rig.approvedCase();
  const contained = {
    plan: containPlan(),
    result: 'dryRun' as const,
    detail: null,
    actions: [],
    begunSeq: 3,
  };
  const immediate = { slot: 'immediate' as const, ...contained };
  class DryBefore extends CaseLog {
    override async load(caseId: string): Promise<LoadedCase | null> {
      const loaded = await super.load(caseId);
      return loaded && { ...loaded, case: { ...loaded.case, immediate } };
    }
  }
  const after = await rig.drive(c, rig.processOn(new DryBefore(rig.db)));
  expect(after.proposed?.actions.map(({ outcome }) => outcome)).toEqual(['dryRun', 'dryRun']);
  expect(rig.world.writes).toEqual([]);
});

it('an approval that no longer holds is void in a dry run too', async () => {
  const c = await rig.approvedCase();
  rig.world.account.risk.level = 'high';
  expect((await dry(c)).phase).toBe('opened');
});

it('an intent of a dry run is not called where the dry run ends in between', async () => {
  const c = await rig.approvedCase();
  rig.crashingLog.dies = (_, event) => (event.type === 'action.started' ? 'after' : 'no');
  await expect(rig.run(c, rig.handlerIn(everywhere))).rejects.toThrow('after action.started');
  rig.crashingLog.dies = () => 'no';
  expect((await dry(c, nowhere)).review?.reason).toBe('dryRun');
  expect(rig.world.writes).toEqual([]);
});

it.each<[string, DryRun, DryRun, string[], string]>([
  ['a dry run', everywhere, nowhere, [], 'reviewOpened'],
  ['no dry run', nowhere, everywhere, ['dismissRisk', 'enableAccount'], 'settled'],
])('a plan that began as %s ends as one', async (_, first, then, writes, phase) => {
  rig.world.account.accountEnabled = false;
  const c = await rig.approvedCase();
  rig.crashingLog.dies = (_append, event) => (event.type === 'action.finished' ? 'after' : 'no');
  // `drive` outlives crashes: one delivery at a time, until the first step is over.
  for (let begun = false; !begun;) {
    const died = await rig.run(await rig.caseNow(c), rig.handlerIn(first)).catch((error: unknown) => error);
    begun = died instanceof Crash;
  }
  rig.crashingLog.dies = () => 'no';
  expect((await rig.caseNow(c)).proposed?.actions).toHaveLength(1);
  expect((await dry(c, then)).phase).toBe(phase);
  expect(rig.world.writes.map(({ step }) => step)).toEqual(writes);
});

it('other categories are no dry run', async () => {
  expect((await dry(await rig.approvedCase(), new DryRun(false, ['elsewhere']))).phase).toBe('settled');
});
