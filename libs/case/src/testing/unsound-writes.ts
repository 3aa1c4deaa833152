import type { CaseEvent, EventOf, StepKind } from '@sallyport/evidence';

/**
 * Writes of a log that should not have been begun, in words, read from the events alone: the fold is on trial. For
 * lives in which every release asks people, and a detection after the first is newer than what was done before.
 */
export function unsoundWrites(events: readonly CaseEvent[]): string[] {
  const unsound: string[] = [];
  /** Of the account that the case is about. */
  let steps = new Map<StepKind, 'open' | 'applied' | 'nothing happened'>();
  let subjectId: string | null = null;
  const keys = new Map<string, string>();
  let approved = false;
  let ordered = false;
  let freed: readonly StepKind[] = [];
  for (const event of events) {
    switch (event.type) {
      case 'evidence.collected':
        approved = false;
        if (event.subjectId !== subjectId || showsNewRisk(event, steps.has('raiseRisk'))) steps = new Map();
        subjectId = event.subjectId;
        break;
      case 'watch.alarmed':
        steps = new Map();
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
        // What is only played changes no account.
        if (!event.dryRun) steps.set(step, 'open');
        keys.set(key, 'started');
        break;
      }
      case 'action.finished': {
        const { step, key, outcome } = event;
        keys.set(key, outcome);
        if (outcome === 'dryRun') break;
        const gone = outcome === 'unknown' && freed.includes(step);
        steps.set(
          step,
          outcome === 'applied' ? outcome : outcome === 'unknown' && !gone ? 'open' : 'nothing happened',
        );
        if (gone) freed = freed.filter((other) => other !== step);
      }
    }
  }
  return unsound;
}

function showsNewRisk({ evidence: { detections } }: EventOf<'evidence.collected'>, raised: boolean): boolean {
  if (detections.state === 'unknown') return true;
  const [, ...since] = detections.value;
  return since.some(({ kind }) => !raised || kind !== 'adminConfirmedUserCompromised');
}
