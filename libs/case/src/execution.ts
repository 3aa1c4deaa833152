import type { Case, ActionRecord, Execution } from './case';
import { currentExecution } from './fold';
import type { StepKind } from '@sallyport/evidence';
import { stepWords } from './words';

/** How often a throttled call is tried again. A throttled call had no effect, so this repeats nothing. */
export const maxAttempts = 5;

export type NextMove =
  /** Write `action.started`, then call once. */
  | { kind: 'start'; step: StepKind; attempt: number }
  /** It was started and has no outcome: read the target back. Never call again. */
  | { kind: 'reconcile'; action: ActionRecord }
  /** Nothing is left to do: write `execution.completed`. */
  | { kind: 'complete'; result: 'done' | 'incomplete'; detail: string };

/**
 * The execution rules. Containment goes on past a step that failed, because each step protects by itself; release
 * stops at the first step that is not applied, because the next one would loosen further.
 */
export function nextMove(c: Case): { execution: Execution; move: NextMove } | null {
  const execution = currentExecution(c);
  if (!execution) return null;
  return { execution, move: moveOf(execution) };
}

function moveOf(execution: Execution): NextMove {
  for (const step of execution.plan.steps) {
    const action = execution.actions.find((candidate) => candidate.step === step);
    if (!action) return { kind: 'start', step, attempt: 1 };
    if (action.outcome === null) return { kind: 'reconcile', action };
    if (action.outcome === 'throttled' && action.attempt < maxAttempts) {
      return { kind: 'start', step, attempt: action.attempt + 1 };
    }
    if (action.outcome !== 'applied' && execution.plan.action === 'release') break;
  }
  const open = execution.plan.steps.flatMap((step) => {
    const outcome = execution.actions.find((action) => action.step === step)?.outcome;
    return outcome === 'applied' ? [] : [`${stepWords[step]}: ${outcome ?? 'not attempted'}`];
  });
  return open.length === 0
    ? { kind: 'complete', result: 'done', detail: 'Every step is applied and proven by reading back.' }
    : { kind: 'complete', result: 'incomplete', detail: `Not applied: ${open.join('; ')}.` };
}
