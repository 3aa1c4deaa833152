import { type Case, refusalBeforeRights, refusals } from '@sallyport/case';
import type { Instant, Refusal } from '@sallyport/evidence';
import type { Viewer } from '@sallyport/teams';

/** Refusals that stay while a proposal is open. */
const lasting: ReadonlySet<Refusal> = new Set(['subject', 'requester', 'reportsToSubject']);

/**
 * Refusals for who somebody was when they clicked. They can be let into a group or have their account enabled meanwhile,
 * so whoever presses Refresh is shown the buttons again.
 */
const passing: ReadonlySet<Refusal> = new Set(['noRole', 'guest', 'accountDisabled', 'unknownPerson']);

/**
 * Whose card this is, by what the case log knows alone. Cards refresh by themselves, for everybody who looks and every
 * minute: asking the directory each time would use up the budget that decisions need. Buttons are a courtesy; each
 * click is checked anew.
 *
 * @param anew they have asked to see it again themselves
 * @returns null where the log says nothing about this person
 */
export function viewerOf(c: Case, personId: string, at: Instant, anew = false): Viewer | null {
  const { proposal } = c;
  if (!proposal) return null;
  const voted = proposal.votes.findLast(({ voterId }) => voterId === personId);
  if (voted) return { kind: 'voted', choice: voted.choice };
  // A denial needs the least: whoever may do anything may deny.
  const question = { voterId: personId, choice: 'deny', proposalPrefix: proposal.digest, at } as const;
  const early = refusalBeforeRights(c, question);
  const before = proposal.refused.findLast(({ voterId }) => voterId === personId)?.refusal;
  const refusal = early?.kind === 'refused' ? early.refusal : before;
  if (!refusal) return null;
  if (lasting.has(refusal)) return { kind: 'mayNotVote', reason: refusals[refusal] };
  if (anew || !passing.has(refusal)) return null;
  return { kind: 'mayNotVote', reason: `${refusals[refusal]} ${ifChanged}`, mayPass: true };
}

const ifChanged = 'If this has changed, press Refresh.';
