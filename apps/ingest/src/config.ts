import { env } from '@sallyport/service';
import { stageEnv } from '@sallyport/stage';
import { z } from 'zod';

/** `whsec_` and Base64, as Standard Webhooks writes its secrets; several, comma-separated, while one is rotated. */
const webhookSecrets = env.list().pipe(
  z
    .array(z.string().regex(/^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/, 'must be whsec_<Base64 of 24 to 64 bytes>'))
    .min(1)
    .max(4),
);

export const ingestConfig = z.object({
  ...stageEnv,
  WEBHOOK_SECRETS: webhookSecrets,
  /** The one ServiceNow instance whose tickets are taken: a clone carries the same rules and secrets. */
  SERVICENOW_INSTANCE: z.string().regex(/^[a-z0-9-]+$/, 'must be the instance name, without domain'),
  /** Ticket categories that are about risky users. */
  TICKET_CATEGORIES: env.list().default(['identity_risk', 'security']),
});
export type IngestConfig = z.output<typeof ingestConfig>;
