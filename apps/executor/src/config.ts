import { togetherMax } from '@sallyport/entra';
import { env } from '@sallyport/service';
import {
  graphEnv,
  isContainmentForced,
  logLatencyMs,
  packEnv,
  serviceNowEnv,
  stageEnv,
  toldStandingEnv,
  ticketSubjectEnv,
  unforcedContainment,
} from '@sallyport/stage';
import { z } from 'zod';

/** Each look is a delivery of the queue and a call of Graph. */
const looksMax = 500;

export const executorConfig = z
  .object({
    ...stageEnv,
    ...graphEnv,
    ...toldStandingEnv,
    /** A client that reads incidents: is the ticket still open, and about the same person? */
    ...serviceNowEnv,
    ...ticketSubjectEnv,
    /** Another app registration for releases, so that whoever takes over the one that contains can loosen nothing. */
    RELEASE_ENTRA_CLIENT_ID: env.guid().optional(),
    RELEASE_ENTRA_CLIENT_SECRET: env.secret().optional(),
    /** Decisions are made again directly before acting. */
    ...packEnv,
    /** Everything is done but the writes, in every case: what would have been called is told, and a person takes over. */
    DRY_RUN: z
      .stringbool({ truthy: ['true'], falsy: ['false'], error: 'must be true or false' })
      .default(false),
    /** The same for the cases of tickets of these categories. */
    DRY_RUN_CATEGORIES: env.list().default([]),
    /** How long a step may take to show its effect before its outcome counts as unknown. Graph settles in minutes. */
    READ_BACK_PATIENCE_SECONDS: env.int(300, 20, 3_600),
    /** How often the effect is looked for in that time. */
    READ_BACK_INTERVAL_SECONDS: env.int(5, 1, 60),
    /** Users whose risk one call may dismiss. More spares the tenant's budget; 1 keeps one's unclear answer from the others. */
    DISMISSALS_PER_CALL: env.int(togetherMax, 1, togetherMax),
    /** No release begins sooner after its case was opened: the logs show later what was done before. Parts are for rehearsals. */
    LOG_WAIT_MINUTES: z.coerce
      .number()
      .min(0)
      .max(60)
      .default(logLatencyMs / 60_000),
    /** How long an account is watched after its release, a day at most; 0: not at all. Parts of a minute are for rehearsals. */
    WATCH_MINUTES: z.coerce.number().min(0).max(1_440).default(60),
  })
  .refine((config) => !config.RELEASE_ENTRA_CLIENT_ID === !config.RELEASE_ENTRA_CLIENT_SECRET, {
    path: ['RELEASE_ENTRA_CLIENT_SECRET'],
    error: 'goes with RELEASE_ENTRA_CLIENT_ID: set both, or neither',
  })
  .refine(isContainmentForced, unforcedContainment)
  .refine((config) => config.READ_BACK_PATIENCE_SECONDS / config.READ_BACK_INTERVAL_SECONDS <= looksMax, {
    path: ['READ_BACK_INTERVAL_SECONDS'],
    error: `too short for READ_BACK_PATIENCE_SECONDS: a step is looked for at most ${looksMax} times`,
  });
export type ExecutorConfig = z.output<typeof executorConfig>;
