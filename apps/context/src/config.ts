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
});
export type ContextConfig = z.output<typeof contextConfig>;
