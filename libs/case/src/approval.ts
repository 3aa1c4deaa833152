import type { ApproverRole, CaseEvent, Instant, Quorum, Untrusted, Vote } from '@sallyport/evidence';
import { cardProposalLength } from '@sallyport/idempotency';
import type { Case, Proposal } from './case';

/** What the directory says, at the moment of the click, about the person who clicked. */
export interface Voter {
  id: string;
  name: Untrusted;
  roles: readonly ApproverRole[];
  accountEnabled: boolean;
  /** False for guests. */
  member: boolean;
  atRisk: boolean;
}

export const refusals = {
  notReady: 'One moment: this card is still being posted to the others. Please click again.',
  decided: 'This has been decided already. Nothing was changed.',
  expired: 'The time to answer has passed. The case has gone to manual review.',
  staleProposal: 'The case has changed since this card was posted. Please look at the refreshed card.',
  subject: 'This case is about you, so you cannot vote on it.',
  requester: 'You asked for this, so somebody else has to approve it.',
  accountDisabled: 'Your account is disabled in the directory.',
  guest: 'Guests cannot approve.',
  atRisk: 'Your own account is flagged as risky at the moment. Please ask a colleague.',
  noRole: 'None of the roles asked for is yours. The roles are listed on the card.',
  slotsFull: 'Your role has been answered for already. The others listed on the card are still needed.',
} as const;
export type Refusal = keyof typeof refusals;

export type VoteResult =
  | { kind: 'accepted'; event: Extract<CaseEvent, { type: 'approval.voted' }> }
  /** The same person said the same before: nothing to write, answered like the first time. */
  | { kind: 'repeated' }
  | { kind: 'refused'; refusal: Refusal };

/**
 * The voting rules. Who may vote is decided here from facts read at click time; nothing from the card is believed but
 * the proposal it names.
 */
export function castVote(
  c: Case,
  voter: Voter,
  click: {
    choice: Vote['choice'];
    proposalPrefix: string;
    comment: Untrusted | null;
    activityId: string;
    at: Instant;
  },
): VoteResult {
  const refuse = (refusal: Refusal): VoteResult => ({ kind: 'refused', refusal });
  const proposal = c.proposal;
  // A shorter prefix could fit a proposal that the voter has not seen.
  const named = click.proposalPrefix.length >= cardProposalLength;
  if (!proposal || !named || !proposal.digest.startsWith(click.proposalPrefix))
    return refuse('staleProposal');
  // Directory ids are stored in lower case; one that came in otherwise must not pass as another person.
  const voterId = voter.id.toLowerCase();
  if (proposal.votes.some((vote) => vote.voterId === voterId && vote.choice === click.choice)) {
    return { kind: 'repeated' };
  }
  if (proposal.outcome === 'expired') return refuse('expired');
  if (proposal.outcome || tally(proposal) !== 'open') return refuse('decided');
  if (c.phase === 'posting') return refuse('notReady');
  if (c.phase !== 'voting') return refuse('staleProposal');
  if (click.at >= proposal.expiresAt) return refuse('expired');
  if (voterId === c.subjectId) return refuse('subject');
  if (requesterIds(c).includes(voterId)) return refuse('requester');
  if (!voter.accountEnabled) return refuse('accountDisabled');
  if (!voter.member) return refuse('guest');
  if (voter.atRisk) return refuse('atRisk');
  const roles = proposal.quorum.map((slot) => slot.role).filter((role) => voter.roles.includes(role));
  if (roles.length === 0) return refuse('noRole');
  const vote: Vote = {
    voterId,
    voterName: voter.name,
    roles,
    choice: click.choice,
    comment: click.comment,
  };
  if (
    vote.choice === 'approve' &&
    filledSlots(proposal.quorum, [...proposal.votes, vote]) === filledSlots(proposal.quorum, proposal.votes)
  ) {
    return refuse('slotsFull');
  }
  return {
    kind: 'accepted',
    event: {
      type: 'approval.voted',
      v: 1,
      at: click.at,
      proposalDigest: proposal.digest,
      vote,
      activityId: click.activityId,
    },
  };
}

/** Deny wins at once; approval needs every slot filled by a distinct person. Nothing else decides. */
export function tally(proposal: Pick<Proposal, 'quorum' | 'votes'>): 'open' | 'approved' | 'denied' {
  if (proposal.votes.some((vote) => vote.choice === 'deny')) return 'denied';
  const needed = proposal.quorum.reduce((sum, slot) => sum + slot.count, 0);
  return needed > 0 && filledSlots(proposal.quorum, proposal.votes) === needed ? 'approved' : 'open';
}

/**
 * The most slots that the approving votes can fill when each person fills one: a maximum bipartite matching by
 * augmenting paths. Independent of the order of the votes.
 */
export function filledSlots(quorum: Quorum, votes: readonly Vote[]): number {
  return matchSlots(quorum, votes).filter((voter) => voter !== null).length;
}

/** For each slot (a role repeated by its count), the vote that fills it, or null. */
export function matchSlots(quorum: Quorum, votes: readonly Vote[]): (Vote | null)[] {
  const slots = quorum.flatMap((slot) => Array.from({ length: slot.count }, () => slot.role));
  const filledBy: (Vote | null)[] = slots.map(() => null);
  const place = (vote: Vote, tried: Set<number>): boolean =>
    slots.some((role, slot) => {
      if (tried.has(slot) || !vote.roles.includes(role)) return false;
      tried.add(slot);
      const holder = filledBy[slot];
      if (holder && !place(holder, tried)) return false;
      filledBy[slot] = vote;
      return true;
    });
  for (const vote of votes) if (vote.choice === 'approve') place(vote, new Set());
  return filledBy;
}

/** People who may not approve because they asked: the ticket's caller. */
export function requesterIds(c: Case): readonly string[] {
  const ticket = c.evidence?.ticket;
  return ticket?.state === 'known' && ticket.value.callerId ? [ticket.value.callerId] : [];
}
