import { env } from '@sallyport/service';
import { z } from 'zod';

/** What every service that decides reads. */
export const packEnv = {
  /** Folder of the policy pack in force. */
  POLICY_PACK: z.string().default('policies/containment-first'),
  /** How often the folder is looked at for a changed pack, which is in force after twice as long. */
  POLICY_RELOAD_SECONDS: env.int(10, 1, 3_600),
};
export type PackConfig = z.output<z.ZodObject<typeof packEnv>>;
