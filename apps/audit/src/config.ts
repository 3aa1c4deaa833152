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
  /** What a contained, not released account means: somebody still has to see the user through. */
  TICKET_CONTAINED_FIELDS: ticketFields({ state: '2' }),
  /** Resolved. ServiceNow wants `close_code` and `close_notes` in the same write; the notes are ours. */
  TICKET_RESOLVED_FIELDS: ticketFields({ state: '6', close_code: 'Solution provided' }),
});
export type AuditConfig = z.output<typeof auditConfig>;
