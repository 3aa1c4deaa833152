import type { CaseEvent, StepKind } from '@sallyport/evidence';

/**
 * Writes of a log that should not have been begun, in words, read from the events alone: the fold is on trial. For
 * lives in which no detection is newer than a containment, and every release asks people.
 */
export function unsoundWrites(events: readonly CaseEvent[]): string[] {
  const unsound: string[] = [];
  const steps = new Map<StepKind, 'open' | 'applied' | 'nothing happened'>();
  const keys = new Map<string, string>();
  let approved = false;
  let ordered = false;
  let freed: readonly StepKind[] = [];
  for (const event of events) {
    switch (event.type) {
      case 'evidence.collected':
        approved = false;
        break;
      case 'policy.decided':
        ordered = event.decision.immediate !== null;
        break;
      case 'approval.decided':
        approved = event.outcome === 'approved';
        break;
      case 'review.resolved':
        freed = event.resolution === 'retry' ? event.steps.map(({ step }) => step) : [];
        break;
      case 'action.started': {
        const { step, key, slot } = event;
        if (slot === 'proposed' ? !approved : !ordered) unsound.push(`${step}: nobody allowed it`);
        if (keys.has(key) && keys.get(key) !== 'throttled') unsound.push(`${step}: its key was used before`);
        if (steps.get(step) === 'open') unsound.push(`${step}: it may have happened`);
        if (steps.get(step) === 'applied' && slot === 'immediate') unsound.push(`${step}: it stands already`);
        steps.set(step, 'open');
        keys.set(key, 'started');
        break;
      }
      case 'action.finished': {
        const { step, key, outcome } = event;
        const gone = outcome === 'unknown' && freed.includes(step);
        steps.set(
          step,
          outcome === 'applied' ? outcome : outcome === 'unknown' && !gone ? 'open' : 'nothing happened',
        );
        keys.set(key, outcome);
        if (gone) freed = freed.filter((other) => other !== step);
      }
    }
  }
  return unsound;
}
