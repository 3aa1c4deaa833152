import { stageEnv } from '@sallyport/stage';
import { z } from 'zod';

export const policyConfig = z.object({
  ...stageEnv,
  /** Folder of the policy pack in force. */
  POLICY_PACK: z.string().default('policies/containment-first'),
});
