import type { ActionOutcome, Plan, StepKind } from '@sallyport/evidence';
import { containPlan, releasePlan, sampleDigest, sampleInstant } from '@sallyport/evidence/testing';
import { actionKey } from '@sallyport/idempotency';
import fc from 'fast-check';
import type { ActionRecord, Case, Execution } from './case';
import { maxAttempts, nextMove, type NextMove } from './execution';
import { after, caseIn, eventFor } from './testing/a-case';

const plans = { contain: containPlan(), release: releasePlan() };

/** Long after everything: what Graph asked to wait for is over. */
const later = sampleInstant(600);

function record(step: StepKind, outcome: ActionOutcome | null, attempt = 1): ActionRecord {
  const finishedAt = outcome ? sampleInstant(31) : null;
  const startedAt = sampleInstant(30);
  return {
    step,
    key: sampleDigest(5),
    attempt,
    startedAt,
    before: null,
    sentAs: null,
    dryRun: outcome === 'dryRun',
    answer: null,
    outcome,
    finishedAt,
    detail: null,
    requestId: null,
    notBefore: outcome === 'throttled' ? sampleInstant(40) : null,
  };
}

/** A case whose plan is under way, with this ledger. */
function executing(plan: Plan, actions: ActionRecord[]): Case {
  const slot = plan.action === 'contain' ? 'immediate' : 'proposed';
  const run: Execution = { slot, plan, begunSeq: 3, actions, result: null, detail: null };
  return plan.action === 'contain'
    ? { ...caseIn('containing'), immediate: run }
    : { ...caseIn('executing'), proposed: run };
}

function wordsFor(move: NextMove): string {
  if (move.kind === 'start') return `start ${move.step} #${move.attempt}`;
  if (move.kind === 'wait') return `wait ${move.until}`;
  return move.kind === 'reconcile' ? `reconcile ${move.action.step}` : `complete ${move.result}`;
}

/** `-` not begun, `started` without an outcome, an outcome, or `throttled` with the number of attempts so far. */
function ledgerOf(plan: Plan, states: string): ActionRecord[] {
  return states.split(' ').flatMap((state, at) => {
    const step = plan.steps[at];
    if (!step || state === '-') return [];
    const [word, attempt] = state.split('×');
    const outcome = word === 'started' ? null : (word as ActionOutcome);
    return [record(step, outcome, Number(attempt ?? 1))];
  });
}

const table: [action: 'contain' | 'release', ledger: string, move: string, why: string][] = [
  ['contain', '- -', 'start revokeSessions #1', 'the first step first'],
  ['contain', 'applied -', 'start forcePasswordChange #1', 'one after the other'],
  ['contain', 'applied applied', 'complete done', 'every step is proven'],
  [
    'contain',
    'started -',
    'start forcePasswordChange #1',
    'the other step does not wait for this one to show',
  ],
  ['contain', 'started applied', 'reconcile revokeSessions', 'read back, never call again'],
  [
    'contain',
    'started throttled×1',
    'start forcePasswordChange #2',
    'a call that is due goes before looking',
  ],
  ['contain', 'refused -', 'start forcePasswordChange #1', 'each containment step protects by itself'],
  ['contain', 'unknown -', 'start forcePasswordChange #1', 'so an uncertain one does not stop the next'],
  ['contain', 'refused applied', 'complete incomplete', 'and the failed one is not forgotten'],
  ['contain', 'applied unknown', 'complete incomplete', 'unknown is never read as done'],
  ['contain', 'unknown started', 'reconcile forcePasswordChange', 'the last step is read back'],
  ['contain', 'throttled×1 -', 'start revokeSessions #2', 'throttled had no effect: again'],
  ['contain', 'throttled×4 -', 'start revokeSessions #5', 'up to the bound'],
  ['contain', 'throttled×8 -', 'start forcePasswordChange #1', 'not beyond it; the rest still protects'],
  ['contain', 'throttled×8 applied', 'complete incomplete', 'a step given up is not done'],
  ['release', '- -', 'start dismissRisk #1', 'the first step first'],
  ['release', 'applied -', 'start enableAccount #1', 'only after the first is proven'],
  ['release', 'applied applied', 'complete done', 'every step is proven'],
  ['release', 'started -', 'reconcile dismissRisk', 'read back, never call again'],
  ['release', 'refused -', 'complete incomplete', 'release stops: the next step would loosen further'],
  ['release', 'unknown -', 'complete incomplete', 'an uncertain step stops it too'],
  ['release', 'throttled×2 -', 'start dismissRisk #3', 'throttled had no effect: again'],
  ['release', 'throttled×8 -', 'complete incomplete', 'a step given up stops it'],
  ['release', 'applied started', 'reconcile enableAccount', 'the last step is read back'],
  ['release', 'applied refused', 'complete incomplete', 'half a release is not a release'],
  ['contain', 'dryRun applied', 'complete dryRun', 'what was not called is not done'],
  ['contain', 'dryRun refused', 'complete incomplete', 'a failure is not hidden by a dry run'],
  ['release', 'dryRun -', 'start enableAccount #1', 'a dry run tells every step'],
  ['release', 'dryRun dryRun', 'complete dryRun', 'and is never read as done'],
];

describe('the next move of the executor', () => {
  it.each(table)('%s, %s → %s: %s', (action, ledger, move) => {
    const next = nextMove(executing(plans[action], ledgerOf(plans[action], ledger)), later);
    expect(wordsFor(next!.move)).toBe(move);
  });

  it('says which steps are open, in words without personal data', () => {
    const { move } = nextMove(executing(plans.release, ledgerOf(plans.release, 'unknown -')), later)!;
    expect(move).toMatchObject({
      detail:
        'Not applied: Dismiss the user risk in Entra ID Protection: unknown; Enable the account: not attempted.',
    });
  });

  it.each<(typeof table)[number]>([
    ['contain', 'throttled×1 -', 'start forcePasswordChange #1', 'the other step does not wait'],
    ['contain', 'throttled×1 started', 'reconcile forcePasswordChange', 'looking goes on meanwhile'],
    ['contain', 'throttled×1 applied', `wait ${sampleInstant(40)}`, 'as long as Graph asked for'],
    ['release', 'throttled×1 -', `wait ${sampleInstant(40)}`, 'step by step, so everything waits'],
  ])('before a throttled call is due: %s, %s → %s: %s', (action, ledger, move) => {
    const c = executing(plans[action], ledgerOf(plans[action], ledger));
    expect(wordsFor(nextMove(c, sampleInstant(39))!.move)).toBe(move);
  });

  it('of a plan without steps is to complete it', () => {
    const plan = containPlan({ steps: [] });
    expect(wordsFor(nextMove(executing(plan, []), later)!.move)).toBe('complete done');
  });

  it('is nothing while the executor has no plan', () => {
    expect(nextMove(caseIn('voting'), later)).toBeNull();
    expect(nextMove(caseIn('settled'), later)).toBeNull();
    expect(nextMove(caseIn('stuck'), later)).toBeNull();
  });
});

const outcomes = ['applied', 'refused', 'throttled', 'unknown'] as const;
const anyPlan = fc.constantFrom(plans.contain, plans.release);
const anyLedger = anyPlan.chain((plan) =>
  fc
    .tuple(
      ...plan.steps.map((step) =>
        fc.option(
          fc
            .tuple(fc.constantFrom(null, ...outcomes), fc.integer({ min: 1, max: maxAttempts + 3 }))
            .map(([outcome, attempt]) => record(step, outcome, attempt)),
        ),
      ),
    )
    .map((actions) => ({ plan, actions: actions.filter((action) => action !== null) })),
);

describe('for all ledgers', () => {
  it('a step that may have had an effect is never started again', () => {
    fc.assert(
      fc.property(anyLedger, ({ plan, actions }) => {
        const { move } = nextMove(executing(plan, actions), later)!;
        if (move.kind !== 'start') return;
        const before = actions.find((action) => action.step === move.step);
        expect([undefined, 'throttled']).toContain(before ? before.outcome : undefined);
        expect(move.attempt).toBe((before?.attempt ?? 0) + 1);
        expect(move.attempt).toBeLessThanOrEqual(maxAttempts);
      }),
    );
  });

  it('nothing is complete while a step has no outcome, unless an earlier step stopped the release', () => {
    fc.assert(
      fc.property(anyLedger, ({ plan, actions }) => {
        const { move } = nextMove(executing(plan, actions), later)!;
        if (move.kind !== 'complete' || plan.action === 'release') return;
        expect(actions.filter((action) => action.outcome === null)).toEqual([]);
      }),
    );
  });

  it('done means that every step is applied', () => {
    fc.assert(
      fc.property(anyLedger, ({ plan, actions }) => {
        const { move } = nextMove(executing(plan, actions), later)!;
        const applied = actions.filter((action) => action.outcome === 'applied').length;
        const done = move.kind === 'complete' && move.result === 'done';
        expect(done).toBe(applied === plan.steps.length);
      }),
    );
  });

  it('a release never starts a step before every earlier one is applied', () => {
    fc.assert(
      fc.property(anyLedger, ({ plan, actions }) => {
        fc.pre(plan.action === 'release');
        const { move } = nextMove(executing(plan, actions), later)!;
        if (move.kind !== 'start') return;
        for (const earlier of plan.steps.slice(0, plan.steps.indexOf(move.step))) {
          expect(actions.find((action) => action.step === earlier)?.outcome).toBe('applied');
        }
      }),
    );
  });
});

/** How the target answers one call; `crash` leaves it started, to be read back as the next answer says. */
const anyAnswers = fc.array(fc.constantFrom(...outcomes, 'crash' as const), { minLength: 40, maxLength: 40 });

describe('played to the end against any target', () => {
  it.each(['containing', 'executing'] as const)(
    '%s ends, within its bounds, in events that fold',
    (phase) => {
      fc.assert(
        fc.property(anyAnswers, (answers) => {
          let c = caseIn(phase);
          const calls = new Map<StepKind, number>();
          for (const answer of answers) {
            const next = nextMove(c, later);
            if (!next) break;
            const { move, execution } = next;
            if (move.kind === 'wait') throw new Error('everything is due by then');
            if (move.kind === 'complete') {
              c = after(c, (now) => eventFor(now, 'execution.completed', { result: move.result }));
            } else {
              const { step, attempt } = move.kind === 'start' ? move : move.action;
              const { slot, plan, begunSeq } = execution;
              const key = actionKey(c.id, c.subjectId ?? '', step, plan, begunSeq);
              const action = { slot, step, attempt, key };
              if (move.kind === 'start') {
                c = after(c, (now) => eventFor(now, 'action.started', action));
                calls.set(step, (calls.get(step) ?? 0) + 1);
              }
              if (answer !== 'crash') {
                c = after(c, (now) => eventFor(now, 'action.finished', { ...action, outcome: answer }));
              }
            }
          }
          // A target that crashes the executor on every call keeps the case where it is: started, never called again.
          const stillOpen = nextMove(c, later);
          if (stillOpen) expect(stillOpen.move.kind).toBe('reconcile');
          else expect(['settled', 'stuck']).toContain(c.phase);
          for (const count of calls.values()) expect(count).toBeLessThanOrEqual(maxAttempts);
        }),
      );
    },
  );
});
