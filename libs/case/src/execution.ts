import type { ActionRecord, Execution, UnadvisedCase } from './case';
import { currentExecution, resultOf } from './fold';
import type { Instant, StepKind } from '@sallyport/evidence';
import { stepWords } from './words';

/** How often a throttled call is tried again. A throttled call had no effect, so this repeats nothing. */
export const maxAttempts = 8;

export type NextMove =
  /** Write `action.started`, then call once. */
  | { kind: 'start'; step: StepKind; attempt: number }
  /** It was started and has no outcome: read the target back. Never call again. */
  | { kind: 'reconcile'; action: ActionRecord }
  /** Graph asked for patience, and nothing else is to be done meanwhile. */
  | { kind: 'wait'; until: Instant }
  /** Nothing is left to do: write `execution.completed`. */
  | { kind: 'complete'; result: NonNullable<Execution['result']>; detail: string };

/**
 * The execution rules. Each step of a containment protects by itself: all are started before any is waited for, and
 * one that fails stops no other. A release goes step by step and stops at the first that is not applied, because the
 * next one would loosen further.
 */
export function nextMove(c: UnadvisedCase, now: Instant): { execution: Execution; move: NextMove } | null {
  const execution = currentExecution(c);
  if (!execution) return null;
  return { execution, move: moveOf(execution, now) };
}

function moveOf(execution: Execution, now: Instant): NextMove {
  const { plan, actions } = execution;
  const moves: NextMove[] = [];
  for (const step of plan.steps) {
    const action = actions.find((candidate) => candidate.step === step);
    const move = stepMove(step, action, now);
    if (move) moves.push(move);
    if (plan.action === 'release' && action?.outcome !== 'applied' && action?.outcome !== 'dryRun') break;
  }
  const urgency: readonly NextMove['kind'][] = ['start', 'reconcile', 'wait'];
  for (const kind of urgency) {
    const [next] = moves.filter((move) => move.kind === kind).sort(sooner);
    if (next) return next;
  }
  return complete(execution);
}

/** What is to be done about one step, or null where it has its outcome. */
function stepMove(step: StepKind, action: ActionRecord | undefined, now: Instant): NextMove | null {
  if (!action) return { kind: 'start', step, attempt: 1 };
  if (action.outcome === null) return { kind: 'reconcile', action };
  if (action.outcome !== 'throttled' || action.attempt >= maxAttempts) return null;
  return action.notBefore !== null && action.notBefore > now
    ? { kind: 'wait', until: action.notBefore }
    : { kind: 'start', step, attempt: action.attempt + 1 };
}

/** Waits end with the earliest; other moves keep the order of the plan. */
function sooner(a: NextMove, b: NextMove): number {
  return a.kind === 'wait' && b.kind === 'wait' ? (a.until < b.until ? -1 : 1) : 0;
}

function complete(execution: Execution): NextMove {
  const result = resultOf(execution);
  const steps = execution.plan.steps.map((step) => ({
    words: stepWords[step],
    outcome: execution.actions.find((action) => action.step === step)?.outcome ?? 'not attempted',
  }));
  switch (result) {
    case 'done':
      return { kind: 'complete', result, detail: 'Every step is applied and proven by reading back.' };
    case 'dryRun': {
      const spared = steps.filter(({ outcome }) => outcome === 'dryRun').map(({ words }) => words);
      return { kind: 'complete', result, detail: `Dry run, not called: ${spared.join('; ')}.` };
    }
    case 'incomplete': {
      const open = steps.filter(({ outcome }) => outcome !== 'applied');
      const told = open.map(({ words, outcome }) => `${words}: ${outcome}`);
      return { kind: 'complete', result, detail: `Not applied: ${told.join('; ')}.` };
    }
  }
}
