import type { Instant, Stage } from '@sallyport/evidence';
import { nextDueAt } from './approval-time';
import type { Phase, UnadvisedCase } from './case';
import { nextMove } from './execution';

/** Who acts next, and from when on. */
export interface Next {
  stage: Stage;
  dueAt: Instant;
}

const stageOf: Readonly<Record<Phase, Stage | null>> = {
  opened: 'context',
  collected: 'policy',
  linked: 'audit',
  containing: 'executor',
  advising: 'triage',
  asking: 'approval',
  posting: 'approval',
  voting: 'approval',
  tallied: 'approval',
  executing: 'executor',
  watchOpened: 'audit',
  watching: 'context',
  alarmed: 'approval',
  alarmPosted: 'audit',
  stuck: null,
  settled: 'audit',
  recorded: 'audit',
  reviewOpened: 'approval',
  reviewPosted: 'audit',
  inReview: null,
  reviewEnded: 'approval',
  reviewEndPosted: 'audit',
  rechecking: 'executor',
  closed: null,
};

/**
 * The one answer to "what happens next" for dispatch, sweeper, console and tests.
 * null: nothing until a person acts, or never again.
 */
export function nextStage(c: UnadvisedCase): Next | null {
  if (c.phase === 'stuck') return c.stuck ? { stage: c.stuck.stage, dueAt: c.updatedAt } : null;
  const stage = stageOf[c.phase];
  if (!stage) return null;
  return { stage, dueAt: waitsUntil(c) ?? c.updatedAt };
}

/** The time before which waking the stage would be in vain, or null. */
function waitsUntil(c: UnadvisedCase): Instant | null {
  // Voting wakes the approval stage only when the time says so; every vote comes in over HTTP.
  if (c.phase === 'voting') return c.proposal && nextDueAt(c.proposal);
  // Seen from the last event: what Graph asked us to wait for is in the future then.
  const move = nextMove(c, c.updatedAt)?.move;
  return move?.kind === 'wait' ? move.until : null;
}
