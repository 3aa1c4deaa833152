import type { EventOf } from '@sallyport/evidence';
import { afterWorkingMinutes } from './business-hours';
import { type ApprovalConfig, businessHours, escalates } from './config';

type Requested = EventOf<'approval.requested'>;
type AnswerTime = { expiresAt: Requested['expiresAt']; schedule: NonNullable<Requested['schedule']> };

/**
 * How long people have, and when they are reminded and others told: evenly spread reminders (one is at half time), and
 * an escalation where there is somebody to escalate to. Counted in working time where hours are configured.
 */
export function answerTime(config: ApprovalConfig, now: Date): AnswerTime {
  const { APPROVAL_TTL_MINUTES: ttl, APPROVAL_REMINDERS: reminders } = config;
  const hours = businessHours(config);
  const after = (minutes: number) => afterWorkingMinutes(hours, now, minutes).toISOString();
  const remindAfter = Array.from({ length: reminders }, (_, at) => (ttl * (at + 1)) / (reminders + 1));
  return {
    expiresAt: after(ttl),
    schedule: {
      remindAt: remindAfter.map(after),
      escalateAt: escalates(config) ? after(config.ESCALATION_AFTER_MINUTES ?? (ttl * 3) / 4) : null,
    },
  };
}
