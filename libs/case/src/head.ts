import type { Instant, Stage } from '@sallyport/evidence';
import type { Case, Phase } from './case';
import { nextStage } from './next-stage';

/** The row that the case log keeps beside the events: a projection, and the outbox of wake-ups. */
export interface Head {
  phase: Phase;
  stage: Stage | null;
  dueAt: Instant | null;
  /** Set while the case governs its subject: at most one such case per subject at any time. */
  activeSubject: string | null;
}

export function headOf(c: Case): Head {
  const next = nextStage(c);
  return {
    phase: c.phase,
    stage: next?.stage ?? null,
    dueAt: next?.dueAt ?? null,
    activeSubject: c.phase === 'closed' || c.primaryCaseId ? null : c.subjectId,
  };
}
