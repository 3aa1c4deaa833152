import { env } from '@sallyport/service';
import { graphEnv, stageEnv, standingEnv } from '@sallyport/stage';
import { z } from 'zod';

export const executorConfig = z.object({
  ...stageEnv,
  ...graphEnv,
  ...standingEnv,
  /** Folder of the policy pack in force: decisions are made again directly before acting. */
  POLICY_PACK: z.string().default('policies/containment-first'),
  /** How long a step may take to show its effect before its outcome counts as unknown. Graph settles in minutes. */
  READ_BACK_PATIENCE_SECONDS: env.int(300, 20, 3_600),
  /** How often the effect is looked for in that time. */
  READ_BACK_INTERVAL_SECONDS: env.int(5, 1, 60),
});
export type ExecutorConfig = z.output<typeof executorConfig>;
