import { env } from '@sallyport/service';
import { serviceNowEnv, stageEnv } from '@sallyport/stage';
import { z } from 'zod';

const ticketFields = (fallback: Record<string, string>) =>
  env
    .json('must be a JSON object of field names and values')
    .pipe(z.record(z.string().regex(/^[a-z0-9_]+$/), z.string()))
    .default(fallback);

export const auditConfig = z.object({
  ...stageEnv,
  ...serviceNowEnv,
  /** `user_name` of our integration user: only its notes count as ours. */
  SERVICENOW_USER_NAME: z.string().min(1),
  /** What "pending manual review" means on this instance: state, hold reason, assignment group. */
  TICKET_REVIEW_FIELDS: ticketFields({ state: '2' }),
  /** A person has ended the review, to have it tried again: it does not wait for a person any more. */
  TICKET_RETRIED_FIELDS: ticketFields({ state: '2' }),
  /** A person has ended the review for good. Theirs to resolve, so nothing is changed unless configured. */
  TICKET_ENDED_FIELDS: ticketFields({}),
  /** What a contained, not released account means: somebody still has to see the user through. */
  TICKET_CONTAINED_FIELDS: ticketFields({ state: '2' }),
  /** Work again on a ticket whose account was released and is at risk again, whoever closed it meanwhile. */
  TICKET_REOPENED_FIELDS: ticketFields({ state: '2' }),
  /** Column in which the incident of a group's member names that of its lead. `none`: only the note does. */
  TICKET_PARENT_FIELD: z
    .string()
    .regex(/^[a-z0-9_]+$/)
    .default('parent_incident'),
  /** Resolved. ServiceNow wants `close_code` and `close_notes` in the same write; the notes are ours. */
  TICKET_RESOLVED_FIELDS: ticketFields({ state: '6', close_code: 'Solution provided' }),
});
export type AuditConfig = z.output<typeof auditConfig>;
