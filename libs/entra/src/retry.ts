import { setTimeout as delay } from 'node:timers/promises';
import { EntraError } from './entra-error';

/** Time and chance as arguments, so that tests own both. */
export interface Runtime {
  now(): Date;
  sleep(delayMs: number): Promise<void>;
  /** 0 ≤ x < 1. */
  random(): number;
}
export const systemRuntime: Runtime = {
  now: () => new Date(),
  sleep: (delayMs) => delay(delayMs),
  random: Math.random,
};

export interface RetryBounds {
  maxAttempts: number;
  baseDelayMs: number;
  /** A service that asks for a longer pause is not waited for: the queue's own retry is cheaper than a held worker. */
  maxDelayMs: number;
}

/** Identity Protection allows one request per second per tenant and says nothing about when: start at a second. */
export const readBounds: RetryBounds = { maxAttempts: 4, baseDelayMs: 1_000, maxDelayMs: 15_000 };

/**
 * Repeats a READ while its error is retryable: exponential backoff with full jitter, or what Retry-After says.
 * Never to be used around a write.
 */
export async function retryRead<T>(
  runtime: Runtime,
  bounds: RetryBounds,
  read: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof EntraError) || !error.retryable || attempt >= bounds.maxAttempts) throw error;
      const asked = error.retryAfterMs;
      if (asked !== null && asked > bounds.maxDelayMs) throw error;
      const ceilingMs = Math.min(bounds.baseDelayMs * 2 ** (attempt - 1), bounds.maxDelayMs);
      const jitterMs = Math.round(runtime.random() * ceilingMs);
      await runtime.sleep(asked === null ? Math.max(jitterMs, ceilingMs / 4) : asked + jitterMs / 4);
    }
  }
}
