import { env } from '@sallyport/service';
import { graphEnv, serviceNowEnv, stageEnv, standingEnv } from '@sallyport/stage';
import { z } from 'zod';

export const contextConfig = z.object({
  ...stageEnv,
  ...graphEnv,
  ...serviceNowEnv,
  ...standingEnv,
  /** Path from the incident to the risky user's Entra object id: an immutable id, never a name. */
  TICKET_SUBJECT_FIELD: z
    .string()
    .regex(/^[a-z0-9_]+(\.[a-z0-9_]+){0,3}$/, 'must be a field path such as u_risky_user.u_entra_object_id')
    .default('u_risky_user.u_entra_object_id'),
  /** Values of `contact_type` on which the organisation knows who asks, such as an integration or a checked call. */
  VERIFIED_CONTACT_TYPES: env.list().default(['monitoring']),
});
export type ContextConfig = z.output<typeof contextConfig>;
