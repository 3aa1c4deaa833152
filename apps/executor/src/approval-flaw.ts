import { type Case, tally } from '@sallyport/case';
import { proposalDigest } from '@sallyport/idempotency';
import type { Difference } from './ticket-check';

/** From the last vote to the first call: a queue that is full, Graph's budget, a service that was down for a moment. */
export const approvalGraceMs = 15 * 60_000;

/**
 * What is wrong with the approval itself, whatever the world looks like: it is too old, the votes do not carry it, or
 * it was given for something else than what is to be done now.
 *
 * @returns null for an approval that holds, and for a release that policy lets go without people
 */
export function approvalFlaw(c: Case, now: Date): Difference | null {
  const { proposal, proposed, decision } = c;
  const asksNobody = proposed && decision?.rulings[proposed.plan.action].quorum.length === 0;
  if (!proposal) return asksNobody ? null : { detail: 'Nobody was asked to approve this.', handOver: true };
  if (now.getTime() >= Date.parse(proposal.expiresAt) + approvalGraceMs)
    return {
      detail: 'The approval came in time, but its time ran out before this was done.',
      handOver: false,
    };
  if (tally(proposal) !== 'approved') return { detail: 'The votes do not approve this.', handOver: true };
  const bound = proposed && proposalDigest(c.evidenceDigest ?? '', c.decisionDigest ?? '', proposed.plan);
  return bound === proposal.digest
    ? null
    : { detail: 'The approval is for other evidence, another decision or another plan.', handOver: true };
}
