import { env, serviceEnv } from '@sallyport/service';
import { z } from 'zod';

const postgresUrl = z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// URL' });

/** What every service with a case log reads. */
export const caseLogEnv = {
  ...serviceEnv,
  /** The application's role: it can append to the case log and change nothing in it. */
  DATABASE_URL: postgresUrl,
};

/** What every stage on a queue reads. */
export const stageEnv = {
  ...caseLogEnv,
  PORT: env.port(3000),
  /** redis:// or rediss://. Unset: queues live in Postgres, at DATABASE_URL. */
  QUEUE_URL: z.url({ protocol: /^rediss?$/, error: 'must be a redis:// or rediss:// URL' }).optional(),
  /** Jobs this process works on at once. Measured best: 8 on Redis, 4 on Postgres. */
  CONCURRENCY: env.int(4, 1, 64),
  /** How often the sweeper looks for cases that nobody works on. */
  SWEEP_INTERVAL_SECONDS: env.int(15, 1, 600),
};

export type CaseLogConfig = z.output<z.ZodObject<typeof caseLogEnv>>;
export type StageConfig = z.output<z.ZodObject<typeof stageEnv>>;
