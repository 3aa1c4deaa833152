import type { Case, Proposal } from '@sallyport/case';
import type { Digest, Instant } from '@sallyport/evidence';
import { digestOf, effectKey } from '@sallyport/idempotency';

/**
 * Key of one update of all copies: the same as long as a card would tell the same. Of what is told, not of the card,
 * so that another wording in a later version does not update every card there is.
 */
export function copiesKey(c: Case, proposal: Proposal, now: Instant, replaced: boolean): Digest {
  const { votes, outcome, escalated, unreached, messages, expiresAt, requestedSeq } = proposal;
  const told = {
    votes: votes.map(({ voterId, choice }) => [voterId, choice]),
    ...{ outcome, escalated, unreached, replaced, expired: now >= expiresAt },
    // A reminder is a copy more, which may have been made of what was known a moment before.
    copies: messages.length,
    review: c.review?.openedSeq ?? null,
    contained: c.immediate?.result ?? null,
    carriedOut: c.proposed?.result ?? null,
  };
  return effectKey(c.id, `teams-copies-${digestOf(['told', told]).slice(0, 24)}`, requestedSeq);
}
