/** Identity Protection names no time with its 429. Another application that fills the second may do so for minutes. */
const firstWaitMs = 5_000;
const longestBackoffMs = 60_000;
/** A longer Retry-After is cut to this: all attempts then take an hour at most. */
const longestWaitMs = 8 * 60_000;

/**
 * How long a throttled call waits before it is started again: as Graph asked, within what a person would wait before
 * looking, or else twice as long each time. Half of that is random, so that those who were turned away together do not
 * come back together.
 *
 * @param attempt the one that was throttled, from 1
 * @param random from 0 up to 1
 */
export function throttleWaitMs(retryAfterMs: number | null, attempt: number, random: number): number {
  if (retryAfterMs !== null) return Math.min(retryAfterMs, longestWaitMs);
  const longestMs = Math.min(firstWaitMs * 2 ** (attempt - 1), longestBackoffMs);
  return Math.round(longestMs / 2 + (longestMs / 2) * random);
}
