import { packEnv, stageEnv } from '@sallyport/stage';
import { z } from 'zod';

export const policyConfig = z.object({ ...stageEnv, ...packEnv });
export type PolicyConfig = z.output<typeof policyConfig>;
