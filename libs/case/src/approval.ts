import type {
  ApproverRole,
  Digest,
  EventOf,
  Instant,
  Quorum,
  Refusal,
  Unadvised,
  Untrusted,
  Vote,
  VoteChannel,
} from '@sallyport/evidence';
import { cardProposalLength } from '@sallyport/idempotency';
import { maxRefusals, type Proposal, type UnadvisedCase } from './case';

/** What the directory says, at the moment of the click, about the person who clicked. */
export interface VoterRights {
  id: string;
  name: Untrusted;
  roles: readonly ApproverRole[];
  accountEnabled: boolean;
  /** False for guests. */
  member: boolean;
  /** The case is about this person's manager, or a manager further up. */
  reportsToSubject: boolean;
}

/** The same, and what Identity Protection says: asked last, of those alone whose vote would count. */
export interface Voter extends VoterRights {
  atRisk: boolean;
}

/** `unknownPerson`: the directory has no such account. null: it could not say, all of it and now. Neither is believed. */
export type Unverified = 'unknownPerson' | null;

/** What a click says, on whichever page or card. */
export interface Click {
  voterId: string;
  choice: Vote['choice'];
  /** The first hex digits of the digest of the proposal that was shown. */
  proposalPrefix: string;
  comment: Untrusted | null;
  channel: VoteChannel;
  activityId: string;
  at: Instant;
}

/** What the person is told, and nobody else. */
export const refusals: Readonly<Record<Refusal, string>> = {
  notReady: 'One moment: this card is still being posted to the others. Please click again.',
  decided: 'This has been decided already. Nothing was changed.',
  expired: 'The time to answer has passed. The case has gone to manual review.',
  staleProposal: 'The case has changed since this card was posted. Please look at the refreshed card.',
  subject: 'This case is about you, so you cannot vote on it.',
  requester: 'You asked for this, so somebody else has to approve it.',
  accountDisabled: 'Your account is disabled in the directory.',
  guest: 'Guests cannot approve.',
  atRisk: 'Your own account is flagged as risky at the moment. Please ask a colleague.',
  reportsToSubject: 'This case is about somebody you report to, so somebody else has to answer it.',
  noRole: 'None of the roles asked for is yours. The roles are listed on the card.',
  slotsFull: 'Your role has been answered for already. The others listed on the card are still needed.',
  tooManyClicks: 'That was many clicks in a short time. Please wait a minute and click once.',
  unknownPerson:
    'The directory does not know your account any more, or not yet, so your vote was not taken. Please ask a colleague.',
  unverified:
    'Your rights could not be checked just now, so your vote was not taken. Please click again in a minute.',
};

/** No vote. `repeated`: the same person said the same before; nothing to write, answered like the first time. */
export type NoVote = { kind: 'repeated' } | { kind: 'refused'; refusal: Refusal };
export type VoteResult = { kind: 'accepted'; event: EventOf<'approval.voted'> } | NoVote;

/**
 * What can be said about a click before the directory is asked about the person: where the case stands, whether they
 * have said so before, and whether they are who it is about or who asked for it.
 * @returns null where it depends on the person's rights
 */
export function refusalBeforeRights(
  c: UnadvisedCase,
  click: Pick<Click, 'voterId' | 'choice' | 'proposalPrefix' | 'at'>,
): NoVote | null {
  const refuse = (refusal: Refusal): NoVote => ({ kind: 'refused', refusal });
  const { proposal } = c;
  // A shorter prefix could fit a proposal that the voter has not seen.
  const named = click.proposalPrefix.length >= cardProposalLength;
  if (!proposal || !named || !proposal.digest.startsWith(click.proposalPrefix))
    return refuse('staleProposal');
  const voterId = directoryId(click.voterId);
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
  return null;
}

/**
 * What can be said about a click before Identity Protection is asked, whose one call per second the whole tenant
 * shares: nobody without a role, and nobody whose vote is not needed any more, uses any of it up.
 *
 * @returns null where it depends on the person's own risk
 */
export function refusalBeforeRisk(
  c: UnadvisedCase,
  click: Click,
  rights: VoterRights | Unverified,
): NoVote | null {
  const judged = judge(c, click, rights);
  return 'kind' in judged ? judged : null;
}

/**
 * The voting rules. Who may vote is decided here from facts read at click time; nothing from the card is believed but
 * the proposal it names.
 */
export function castVote(c: UnadvisedCase, click: Click, voter: Voter | Unverified): VoteResult {
  const judged = judge(c, click, voter);
  if ('kind' in judged) return judged;
  if (!isVoter(voter)) return { kind: 'refused', refusal: 'unverified' };
  if (voter.atRisk) return { kind: 'refused', refusal: 'atRisk' };
  const { channel, activityId, at } = click;
  const { vote, proposalDigest } = judged;
  const event = { type: 'approval.voted', v: 1, at, proposalDigest, vote, channel, activityId } as const;
  return { kind: 'accepted', event };
}

export const isVoter = (voter: Voter | Unverified): voter is Voter =>
  voter !== null && voter !== 'unknownPerson';

/** @returns the vote as it would count, the person's own risk aside */
function judge(
  c: UnadvisedCase,
  click: Click,
  rights: VoterRights | Unverified,
): NoVote | { vote: Vote; proposalDigest: Digest } {
  const refuse = (refusal: Refusal): NoVote => ({ kind: 'refused', refusal });
  const early = refusalBeforeRights(c, click);
  const { proposal } = c;
  if (early || !proposal) return early ?? refuse('staleProposal');
  const voterId = directoryId(click.voterId);
  if (rights === 'unknownPerson') return refuse('unknownPerson');
  if (!rights || directoryId(rights.id) !== voterId) return refuse('unverified');
  if (!rights.accountEnabled) return refuse('accountDisabled');
  if (!rights.member) return refuse('guest');
  if (rights.reportsToSubject) return refuse('reportsToSubject');
  const held = rolesIn(c, rights);
  const roles = proposal.quorum.map((slot) => slot.role).filter((role) => held.includes(role));
  if (roles.length === 0) return refuse('noRole');
  const { choice, comment } = click;
  const vote: Vote = { voterId, voterName: rights.name, roles, choice, comment };
  if (
    choice === 'approve' &&
    filledSlots(proposal.quorum, [...proposal.votes, vote]) === filledSlots(proposal.quorum, proposal.votes)
  ) {
    return refuse('slotsFull');
  }
  return { vote, proposalDigest: proposal.digest };
}

/**
 * The roles that count in this case. Policy judged the manager whom the evidence names; whoever has become the manager
 * since then, or was made one for this, is nobody here.
 */
function rolesIn({ evidence }: UnadvisedCase, { id, roles }: VoterRights): readonly ApproverRole[] {
  const reading = evidence?.manager;
  const managerId = reading?.state === 'known' ? reading.value?.id : undefined;
  const isTheManager = managerId !== undefined && directoryId(managerId) === directoryId(id);
  return isTheManager ? roles : roles.filter((role) => role !== 'manager');
}

/**
 * The event that a refused click leaves behind, or null for none. Only while the question is open: later events belong
 * to those who carry it out, and a click must not come between them.
 */
export function refusalEvent(
  c: UnadvisedCase,
  click: Omit<Click, 'proposalPrefix' | 'comment'>,
  refusal: Refusal,
): EventOf<'vote.refused'> | null {
  const { proposal } = c;
  const voterId = directoryId(click.voterId);
  if (c.phase !== 'voting' || !proposal || !isNewRefusal(proposal, { voterId, refusal })) return null;
  const { at, choice, channel, activityId } = click;
  const event = { type: 'vote.refused', v: 1, at, proposalDigest: proposal.digest } as const;
  return { ...event, voterId, choice, refusal, channel, activityId };
}

/** Reasons that may point at an attack, so that a crowd's clicks cannot keep them out of the log. */
const alwaysKept: ReadonlySet<Refusal> = new Set(['subject', 'requester', 'atRisk']);

/** A person's second click for the same reason tells nothing new, and a crowd's clicks must not fill the log. */
export function isNewRefusal(
  { refused }: Pick<Proposal, 'refused'>,
  { voterId, refusal }: Proposal['refused'][number],
): boolean {
  return (
    (refused.length < maxRefusals || alwaysKept.has(refusal)) &&
    !refused.some((earlier) => earlier.voterId === voterId && earlier.refusal === refusal)
  );
}

/** Directory ids are stored in lower case; one that came in otherwise must not pass as another person. */
const directoryId = (id: string): string => id.toLowerCase();

/** Deny wins at once; approval needs every slot filled by a distinct person. Nothing else decides. */
export function tally(
  proposal: Unadvised<Pick<Proposal, 'quorum' | 'votes'>>,
): 'open' | 'approved' | 'denied' {
  if (proposal.votes.some((vote) => vote.choice === 'deny')) return 'denied';
  const needed = proposal.quorum.reduce((sum, slot) => sum + slot.count, 0);
  const complete = filledSlots(proposal.quorum, proposal.votes) === needed;
  return canApprove(proposal.quorum) && complete ? 'approved' : 'open';
}

/**
 * Whether this quorum could ever approve. A manager's answer is a matter of identity ("I spoke to this person"): who
 * confirms that does not judge the risk, so managers alone approve nothing, whatever a policy says.
 */
export function canApprove(quorum: Quorum): boolean {
  return quorum.some(({ role }) => role !== 'manager');
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

/**
 * Why this quorum cannot be met however long one waits, in words for the ticket, or null. Policy holds most of these
 * cases before anybody is asked; here it is certain, because asking would only cost the time to answer.
 */
export function quorumObstacle(c: UnadvisedCase, quorum: Quorum): string | null {
  if (!canApprove(quorum)) {
    return 'Policy asks nobody but the manager, who can say who somebody is and releases nothing alone.';
  }
  if (!quorum.some(({ role }) => role === 'manager')) return null;
  const reading = c.evidence?.manager;
  const manager = reading?.state === 'known' ? reading.value : null;
  if (!manager) return 'The manager has to confirm, and the directory names none.';
  if (manager.id === c.subjectId)
    return 'The manager has to confirm, and the directory names the user as their own.';
  if (requesterIds(c).includes(manager.id))
    return 'The manager has to confirm, and is the one who asked for this.';
  if (manager.accountEnabled === false) return 'The manager has to confirm, and their account is disabled.';
  return null;
}

/** People who may not approve because they asked: the ticket's caller, and who opened it for them. */
export function requesterIds(c: UnadvisedCase): readonly string[] {
  const ticket = c.evidence?.ticket;
  if (ticket?.state !== 'known') return [];
  return [ticket.value.callerId, ticket.value.openedById].filter((id) => id !== null);
}
