import { env } from '@sallyport/service';
import { serviceNowEnv, stageEnv } from '@sallyport/stage';
import { z } from 'zod';

/** `whsec_` and Base64, as Standard Webhooks writes its secrets; several, comma-separated, while one is rotated. */
const webhookSecrets = env.list().pipe(
  z
    .array(z.string().regex(/^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/, 'must be whsec_<Base64 of 24 to 64 bytes>'))
    .min(1)
    .max(4),
);

/** Field names and database values of an incident, as one JSON object. */
const ticketFields = env
  .json('must be a JSON object of field names and values')
  .pipe(z.record(z.string().regex(/^(?!sys_)[a-z0-9_]+$/), z.string()));

export const ingestConfig = z.object({
  ...stageEnv,
  ...serviceNowEnv,
  WEBHOOK_SECRETS: webhookSecrets,
  /** Of whoever sends alerts. Not ServiceNow's: each sender can be cut off alone. */
  ALERT_WEBHOOK_SECRETS: webhookSecrets,
  /** The one ServiceNow instance whose tickets are taken: a clone carries the same rules and secrets. */
  SERVICENOW_INSTANCE: z.string().regex(/^[a-z0-9-]+$/, 'must be the instance name, without domain'),
  /** Ticket categories that are about risky users. They become part of an encoded query, which has no escaping. */
  TICKET_CATEGORIES: env
    .list()
    .pipe(z.array(z.string().regex(/^[\w -]+$/, 'must be category values, without punctuation')).min(1))
    .default(['identity_risk', 'security']),
  /** How often ServiceNow is asked for tickets of which no webhook told. */
  BACKFILL_INTERVAL_SECONDS: env.int(60, 1, 3_600),
  /** Encoded query that picks those tickets. Unset: the active ones of TICKET_CATEGORIES. */
  BACKFILL_QUERY: z
    .string()
    .regex(/^(?!.*(\^NQ|\^EQ|ORDERBY)).+$/i, 'must be an encoded query without ^NQ, ^EQ and ORDERBY')
    .optional(),
  /** The incident's reference to the risky user, and the column of `sys_user` that holds the Entra object id. */
  ALERT_SUBJECT_FIELD: z
    .string()
    .regex(
      /^[a-z0-9_]+\.[a-z0-9_]+$/,
      'must be a reference and a column such as u_risky_user.u_entra_object_id',
    )
    .default('u_risky_user.u_entra_object_id'),
  /** What an incident that is made of an alert has beside its text, subject and urgency. */
  ALERT_TICKET_FIELDS: ticketFields.default({ category: 'identity_risk', contact_type: 'monitoring' }),
});
export type IngestConfig = z.output<typeof ingestConfig>;
export const ingestConfigToken = Symbol('ingest config');
