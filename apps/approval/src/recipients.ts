import { type Case, matchSlots, requesterIds } from '@sallyport/case';
import type { ApproverRole } from '@sallyport/evidence';
import type { MessageTarget } from '@sallyport/teams';

export interface Recipient {
  /** Whom it is for, in a word: part of the key of the message, and of what is said where it could not be posted. */
  to: string;
  target: MessageTarget;
  /**
   * Where this one cannot be asked, a person must look at once. Only the channel: it decides about the release, and a
   * review is told there too. A manager whose chat Teams refuses for good can still answer on the console, and anybody
   * in the channel can still deny; so the question stays open, says whom it did not reach, and ends in review only
   * with its time. The manager's answer is never done without.
   */
  required: boolean;
}

/** Whether a message stands in this channel; Teams names the thread of a message by channel and first message. */
export const stands = ({ conversationId }: { conversationId: string }, channelId: string): boolean =>
  conversationId.split(';')[0] === channelId;

/** The channel where a group holds a role, and the manager in a chat where the manager is needed. */
export function whomToAsk(c: Case, channelId: string): Recipient[] {
  return recipients(c, channelId, c.proposal?.quorum.map(({ role }) => role) ?? []);
}

/** Those of them whose role is not answered for. */
export function whomToRemind(c: Case, channelId: string): Recipient[] {
  if (!c.proposal) return [];
  const { quorum, votes } = c.proposal;
  const slots = quorum.flatMap(({ role, count }) => Array.from({ length: count }, () => role));
  const filled = matchSlots(quorum, votes);
  return recipients(
    c,
    channelId,
    slots.filter((_, at) => filled[at] === null),
  ).map((recipient) => ({ ...recipient, required: false }));
}

/** The most people who are told one by one: more would be a broadcast. */
export const maxEscalationPeople = 10;

/**
 * Others who are told that a question stays open. It gives nobody a right: whoever clicks needs a role that was asked
 * for. Whom the case is about, and who asked for it, are not told.
 */
export function whomToEscalateTo(
  c: Case,
  channelId: string | undefined,
  memberIds: readonly string[],
): Recipient[] {
  const excluded = new Set([c.subjectId, ...requesterIds(c)]);
  const people = memberIds.filter((id) => !excluded.has(id)).slice(0, maxEscalationPeople);
  return [
    ...(channelId ? [{ to: 'escalation-channel', target: { channelId }, required: false }] : []),
    ...people.map((userId) => ({ to: `person-${userId}`, target: { userId }, required: false })),
  ];
}

function recipients(c: Case, channelId: string, roles: readonly ApproverRole[]): Recipient[] {
  const manager = c.evidence?.manager.state === 'known' ? c.evidence.manager.value : null;
  return [
    ...(roles.some((role) => role !== 'manager')
      ? [{ to: 'channel', target: { channelId }, required: true }]
      : []),
    ...(roles.includes('manager') && manager
      ? [{ to: 'manager', target: { userId: manager.id }, required: false }]
      : []),
  ];
}

/** The security leads, whom a rule has called: their channel, and each of them in a chat. Never whom the case is about. */
export function whomToPage(
  c: Case,
  channelId: string | undefined,
  memberIds: readonly string[],
): Recipient[] {
  const people = memberIds.filter((id) => id !== c.subjectId).slice(0, maxPagedPeople);
  return [
    ...(channelId ? [{ to: 'lead-channel', target: { channelId }, required: false }] : []),
    ...people.map((userId) => ({ to: `lead-${userId}`, target: { userId }, required: false })),
  ];
}

/** The most people who are called one by one. */
export const maxPagedPeople = 10;
