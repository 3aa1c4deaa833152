/**
 * Every way to die: for both plans, each fault of each write, the process dies before and after every single append,
 * and is started again until the case waits for somebody else. Whatever happens, no action is called twice.
 */
import { type Case, maxAttempts } from '@sallyport/case';
import type { CaseEvent } from '@sallyport/evidence';
import { executorRig, type ExecutorRig } from './testing/executor-rig';
import { type Fault, faults } from './testing/graph-world';

let rig: ExecutorRig;
beforeAll(async () => {
  rig = await executorRig();
}, 60_000);
afterAll(() => rig.close());

const plans = {
  contain: { first: 'revokeSessions', second: 'forcePasswordChange' },
  'contain by risk': { first: 'revokeSessions', second: 'raiseRisk' },
  release: { first: 'dismissRisk', second: 'enableAccount' },
} as const;
type PlanName = keyof typeof plans;

const secondFaults: readonly Fault[] = ['504 before', '504 after', '403'];
const scripts: [PlanName, 'first' | 'second', Fault][] = [
  ...(['contain', 'release'] as const).flatMap((plan) =>
    faults.map((fault): [PlanName, 'first', Fault] => [plan, 'first', fault]),
  ),
  ...(['contain', 'contain by risk', 'release'] as const).flatMap((plan) =>
    secondFaults.map((fault): [PlanName, 'second', Fault] => [plan, 'second', fault]),
  ),
];

type Death = (append: number, event: CaseEvent) => 'before' | 'after' | 'no';
let schedules = 0;
afterAll(() => console.info(`The executor was killed in ${schedules} schedules.`));

it.each(scripts)(
  '%s, %s write answered with "%s": dying anywhere calls nothing twice, and ends',
  async (plan, which, fault) => {
    const appends = await play(plan, which, fault, () => 'no');
    for (const death of deaths(appends)) await play(plan, which, fault, death);
  },
  120_000,
);

/** @returns how many appends it took */
async function play(plan: PlanName, which: 'first' | 'second', fault: Fault, dies: Death): Promise<number> {
  rig.reset();
  if (plan === 'contain by risk') rig.containing.by = 'raiseRisk';
  if (plan === 'release') rig.world.account.accountEnabled = false;
  else rig.world.account.risk.level = 'high';
  const c = plan !== 'release' ? await rig.decidedCase() : await rig.approvedCase();
  // A throttled write goes through in the end, so that attempts are told from repetitions.
  rig.world.faults = { [plans[plan][which]]: fault === '429' ? ['429', 'none'] : [fault] };
  rig.world.auditsInTime = true;
  rig.crashingLog.dies = dies;
  expectHonest(await rig.drive(c));
  schedules += 1;
  return rig.crashingLog.appends;
}

/** Once around each append; after every append; before every append when it is first tried. */
function deaths(appends: number): Death[] {
  const once = Array.from({ length: appends }, (_, at) =>
    (['before', 'after'] as const).map(
      (side): Death =>
        (append) =>
          append === at + 1 ? side : 'no',
    ),
  ).flat();
  const tried = new Set<string>();
  const firstTry: Death = (_, event) => {
    const name = JSON.stringify([event.type, 'step' in event ? [event.step, event.attempt] : null]);
    if (tried.has(name)) return 'no';
    tried.add(name);
    return 'before';
  };
  return [...once, () => 'after', firstTry];
}

/** No second call, and the log says neither more nor less than what is so. */
function expectHonest(c: Case): void {
  const { writes, account } = rig.world;
  for (const id of new Set(writes.map((write) => write.clientRequestId))) {
    const calls = writes.filter((write) => write.clientRequestId === id);
    expect(calls.filter((call) => call.fault !== '429').length).toBeLessThanOrEqual(1);
    expect(calls.length).toBeLessThanOrEqual(maxAttempts);
  }
  const fromNow = (at: string) => rig.clock().getTime() - Date.parse(at) < 24 * 3_600_000;
  const shows = {
    revokeSessions: fromNow(account.sessionsValidFrom),
    forcePasswordChange: fromNow(account.passwordChangedAt),
    raiseRisk: account.risk.state === 'confirmedCompromised',
    dismissRisk: account.risk.state === 'dismissed',
    enableAccount: account.accountEnabled,
  };
  const run = c.immediate ?? c.proposed;
  for (const step of run?.plan.steps ?? []) {
    const outcome = run?.actions.find((action) => action.step === step)?.outcome;
    expect([step, outcome === 'applied']).toEqual([step, shows[step]]);
  }
  expect(c.phase).toBe(run?.plan.steps.every((step) => shows[step]) ? 'settled' : 'reviewOpened');
}
