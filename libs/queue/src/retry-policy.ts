export interface RetryPolicy {
  /** Runs of the handler that may fail before the job is dead. `NotYet` does not count. */
  attempts: number;
  /** The longest wait after the first failure; it doubles with every further one. */
  firstDelayMs: number;
  /** The doubling stops here. */
  maxDelayMs: number;
}

/**
 * Waits at most 1, 2, 4, 8, 16, 32 and 60 s between eight attempts, about two minutes in all: longer than a restart
 * or a burst of throttling, short enough that a person hears of a real outage while the user still waits.
 * The half of each wait is random, so that jobs which failed together do not come back together.
 */
export const defaultRetryPolicy: RetryPolicy = { attempts: 8, firstDelayMs: 1_000, maxDelayMs: 60_000 };

/** A `Retry-After` longer than this is an outage, which a person should hear of: the wait is cut to it. */
export const maxRetryAfterMs = 15 * 60_000;

/** The bounds of one `NotYet` wait: below is polling in a circle, above the sweeper is the better alarm clock. */
export const minNotYetMs = 50;
export const maxNotYetMs = 60 * 60_000;

/** Starts of one job, patience included, before it is dead: a job that waits for ever must reach a person too. */
export const maxStarts = 1_000;

/**
 * The wait before the next attempt.
 * @param failures how many attempts have failed, from 1
 * @param retryAfterMs the least wait that the failure asked for, 0 for none
 * @param random from 0 up to 1
 */
export function retryDelayMs(
  policy: RetryPolicy,
  failures: number,
  retryAfterMs: number,
  random: number,
): number {
  const longestMs = Math.min(policy.maxDelayMs, policy.firstDelayMs * 2 ** (failures - 1));
  const backoffMs = longestMs / 2 + (longestMs / 2) * random;
  return Math.round(Math.max(backoffMs, Math.min(retryAfterMs, maxRetryAfterMs)));
}

/** The wait that a `NotYet` asked for, within its bounds. */
export function notYetDelayMs(retryAfterMs: number): number {
  return Math.min(maxNotYetMs, Math.max(minNotYetMs, Math.round(retryAfterMs)));
}
