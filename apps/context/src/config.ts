import { objectIdSchema, ownerMaxLength } from '@sallyport/evidence';
import { env } from '@sallyport/service';
import { graphEnv, serviceNowEnv, stageEnv, toldStandingEnv, ticketSubjectEnv } from '@sallyport/stage';
import { z } from 'zod';

export const contextConfig = z.object({
  ...stageEnv,
  ...graphEnv,
  ...serviceNowEnv,
  ...toldStandingEnv,
  ...ticketSubjectEnv,
  /** Values of `contact_type` on which the organisation knows who asks, such as an integration or a checked call. */
  VERIFIED_CONTACT_TYPES: env.list().default(['monitoring']),
  /** Who answers for service accounts and applications: JSON of object ids and a name with how to reach them. */
  ACCOUNT_OWNERS: env
    .json('must be a JSON object of object ids and owners')
    .pipe(z.record(objectIdSchema, z.string().trim().min(1).max(ownerMaxLength)))
    .default({}),
  /** How often released accounts are looked at while they are watched. One look reads two lists for all of them. */
  WATCH_INTERVAL_SECONDS: env.int(120, 1, 3_600),
});
export type ContextConfig = z.output<typeof contextConfig>;
