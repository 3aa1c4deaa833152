import { sysIdSchema } from '@sallyport/evidence';
import { z } from 'zod';

/** Identifiers only; the record is re-read from ServiceNow. Bounds are generous for ids and small for attackers. */
const text = z
  .string()
  .min(1)
  .max(200)
  .refine((value) => value.isWellFormed(), 'must not hold half a character');

/**
 * What our ServiceNow business rule sends: a thin message. Unknown properties are ignored, so that an instance owner
 * may add to it.
 */
export const ticketWebhookSchema = z.object({
  type: z.enum(['incident.created', 'incident.updated']),
  timestamp: z.iso.datetime({ offset: true }),
  data: z.object({
    sys_id: sysIdSchema,
    number: text.regex(/^[A-Z]{2,10}[0-9]{4,20}$/, 'must be a ticket number such as INC0041207'),
    instance: text,
    category: text,
    sys_mod_count: z.union([z.int().min(0), z.string().regex(/^\d{1,9}$/)]).transform(Number),
    /** Counts the times the ticket was reopened: each one is a new episode. */
    reopen_count: z
      .union([z.int().min(0), z.string().regex(/^\d{1,9}$/)])
      .transform(Number)
      .default(0),
    /** Set where the sender knows the risk episode (an alert or first detection id). */
    risk_episode: text.optional(),
  }),
});
export type TicketWebhook = z.output<typeof ticketWebhookSchema>;

/** The risk episode that this message belongs to: named by the sender, or the ticket's count of reopenings. */
export function episodeOf(webhook: TicketWebhook): string {
  return webhook.data.risk_episode ?? episodeOfReopening(webhook.data.reopen_count);
}

/** The episode where nobody names one: each reopening is a new one. */
export const episodeOfReopening = (reopenCount: number): string => `reopened-${reopenCount}`;

/** Whether an episode was counted by reopenings, not named by a sender. */
export const isReopening = (episode: string): boolean => /^reopened-\d+$/.test(episode);
