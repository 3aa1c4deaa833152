import type { Instant } from '@sallyport/evidence';
import type { Proposal } from './case';

/** What is to be done about an open question because of the time alone. */
export type DueNotice = 'remind' | 'escalate' | 'expire';

type Open = Pick<Proposal, 'expiresAt' | 'remindAt' | 'escalateAt' | 'escalated' | 'noticedAt'>;

/**
 * What is due at `now`, or null. The end comes before all; and where the services were down, what was missed is made
 * up for by one notice, not by one for each.
 */
export function dueNotice(proposal: Open, now: Instant): DueNotice | null {
  if (now >= proposal.expiresAt) return 'expire';
  if (!proposal.escalated && proposal.escalateAt !== null && now >= proposal.escalateAt) return 'escalate';
  const [reminder] = openReminders(proposal);
  return reminder !== undefined && now >= reminder ? 'remind' : null;
}

/** The next time at which anything is due. */
export function nextDueAt(proposal: Open): Instant {
  const escalation = proposal.escalated || proposal.escalateAt === null ? [] : [proposal.escalateAt];
  const [first = proposal.expiresAt] = [...openReminders(proposal), ...escalation, proposal.expiresAt].sort();
  return first;
}

/** Which of the reminders is the next one, counted from 0: part of the key of what is posted. */
export function reminderNumber(proposal: Open): number {
  return proposal.remindAt.length - openReminders(proposal).length;
}

/** Reminders that no notice has made needless: whoever was told at noon is not reminded of eleven o'clock. */
function openReminders({ remindAt, noticedAt }: Open): Instant[] {
  return remindAt.filter((at) => at > noticedAt).sort();
}
