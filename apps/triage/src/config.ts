import { stageEnv } from '@sallyport/stage';
import { z } from 'zod';

export const triageConfig = z.object({ ...stageEnv });
