import type { Evidence, Instant, Stage } from '@sallyport/evidence';
import { riskEpisodeKey } from '@sallyport/idempotency';
import type { Case, Phase } from './case';
import { nextStage } from './next-stage';

/** The row that the case log keeps beside the events: a projection, and the outbox of wake-ups. */
export interface Head {
  phase: Phase;
  stage: Stage | null;
  dueAt: Instant | null;
  /** Set while the case governs its subject: at most one such case per subject at any time. */
  activeSubject: string | null;
  /** The risk episode that the case has looked at; kept after it closed, so that a late second ticket finds it. */
  riskEpisode: string | null;
  /** The case that leads the group which this one belongs to, itself included. */
  groupLead: string | null;
}

/**
 * The episode that the evidence names. Where no detection is unsettled any more it is that of all of them, so that a
 * ticket about what an earlier case has dismissed still finds that case.
 *
 * @returns null where nobody or no detection is known: then nothing can be told to be the same
 */
export function riskEpisodeOf(subjectId: string | null, evidence: Evidence | null): string | null {
  if (!subjectId || evidence?.detections.state !== 'known' || evidence.detections.value.length === 0)
    return null;
  if (evidence.episode.state === 'known' && evidence.episode.value) return evidence.episode.value.id;
  return riskEpisodeKey(
    subjectId,
    evidence.detections.value.map((detection) => detection.id),
  );
}

export function headOf(c: Case): Head {
  const next = nextStage(c);
  return {
    phase: c.phase,
    stage: next?.stage ?? null,
    dueAt: next?.dueAt ?? null,
    activeSubject: governs(c) ? c.subjectId : null,
    riskEpisode: c.primaryCaseId ? null : riskEpisodeOf(c.subjectId, c.evidence),
    groupLead: c.group?.leadCaseId ?? null,
  };
}

/**
 * A case that goes to a person, or of which only notes are left to write, no longer stands in the way of a new ticket
 * about the same user: it will do nothing for that ticket.
 */
function governs(c: Case): boolean {
  if (c.review) return c.review.ended?.resolution === 'retry' && !c.primaryCaseId;
  return c.phase !== 'closed' && c.phase !== 'settled' && c.phase !== 'recorded' && !c.primaryCaseId;
}
