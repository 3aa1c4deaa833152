import type { CaseEvent } from '@sallyport/evidence';
import type { Case } from './case';
import { applyEvent, openCase } from './fold';

/**
 * The questions that were asked and let go, because an approval became void or a person had the case looked at anew:
 * the case as it was directly before each was let go, but that `voided` says whether and why that question became void.
 * People may still have its cards before them.
 *
 * @throws IllegalEvent
 */
export function replacedProposals(events: readonly CaseEvent[]): Case[] {
  const [first, ...rest] = events;
  if (!first) return [];
  const replaced: Case[] = [];
  rest.reduce((before, event) => {
    const after = applyEvent(before, event);
    const { proposal } = before;
    if (proposal && after.proposal?.requestedSeq !== proposal.requestedSeq) {
      replaced.push({ ...before, voided: after.voided });
    }
    return after;
  }, openCase(first));
  return replaced;
}
