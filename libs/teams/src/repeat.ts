import type { Runtime } from './runtime';
import { TeamsError } from './teams-error';

const attemptsMax = 4;
const baseDelayMs = 1_000;
/** A longer pause than this is left to the queue. */
const delayMaxMs = 15_000;

/**
 * Repeats what does no harm twice (an update of a message, opening a chat) after 412, 429, 5xx or a broken connection:
 * exponential backoff with jitter, or what Retry-After says, which Teams often leaves out. Never to be used for a post.
 *
 * @throws TeamsError of the last attempt
 */
export async function repeat<T>(runtime: Runtime, call: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof TeamsError) || !error.retryable || attempt >= attemptsMax) throw error;
      const askedMs = error.retryAfterMs ?? 0;
      if (askedMs > delayMaxMs) throw error;
      const ceilingMs = baseDelayMs * 2 ** (attempt - 1);
      await runtime.sleep(askedMs + ceilingMs / 2 + (runtime.random() * ceilingMs) / 2);
    }
  }
}
