import { env } from '@sallyport/service';
import { isContainmentForced, packEnv, stageEnv, unforcedContainment } from '@sallyport/stage';
import { z } from 'zod';

export const policyConfig = z
  .object({
    ...stageEnv,
    ...packEnv,
    /** How long after its last member a group case takes further ones; after it a new case leads a new group. */
    GROUP_WINDOW_MINUTES: env.int(60, 5, 1_440),
  })
  .refine(isContainmentForced, unforcedContainment);
export type PolicyConfig = z.output<typeof policyConfig>;

export const policyConfigToken = Symbol('policy config');
