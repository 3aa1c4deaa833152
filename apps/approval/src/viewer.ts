import { type Case, refusalBeforeRights, refusals } from '@sallyport/case';
import type { Instant, Refusal } from '@sallyport/evidence';
import type { Viewer } from '@sallyport/teams';

/**
 * Refusals that stay while a proposal is open. After the others a person may well click again: they can be let into a group
 * or have their account enabled meanwhile, and would never be shown a button.
 */
const lasting: ReadonlySet<Refusal> = new Set(['subject', 'requester', 'reportsToSubject']);

/**
 * Whose card this is, by what the case log knows alone. Cards refresh by themselves, for everybody who looks and every
 * minute: asking the directory each time would use up the budget that decisions need. Buttons are a courtesy; each
 * click is checked anew.
 *
 * @returns null where the log says nothing about this person
 */
export function viewerOf(c: Case, personId: string, at: Instant): Viewer | null {
  const { proposal } = c;
  if (!proposal) return null;
  const voted = proposal.votes.findLast(({ voterId }) => voterId === personId);
  if (voted) return { kind: 'voted', choice: voted.choice };
  // A denial needs the least: whoever may do anything may deny.
  const question = { voterId: personId, choice: 'deny', proposalPrefix: proposal.digest, at } as const;
  const early = refusalBeforeRights(c, question);
  const before = proposal.refused.findLast(({ voterId }) => voterId === personId)?.refusal;
  const refusal = early?.kind === 'refused' ? early.refusal : before;
  return refusal && lasting.has(refusal) ? { kind: 'mayNotVote', reason: refusals[refusal] } : null;
}
