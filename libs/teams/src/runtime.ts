import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';

/** Time and chance as arguments, so that tests own both. */
export interface Runtime {
  /** Milliseconds of a clock that nobody sets back. */
  nowMs(): number;
  sleep(delayMs: number): Promise<void>;
  /** 0 ≤ x < 1. */
  random(): number;
}

export const systemRuntime: Runtime = {
  nowMs: () => performance.now(),
  sleep: (delayMs) => delay(delayMs),
  random: Math.random,
};
