import { maxAttempts } from '@sallyport/case';
import { throttleWaitMs } from './throttle-wait';

const waits = (retryAfterMs: number | null, random: number) =>
  Array.from({ length: maxAttempts - 1 }, (_, n) => throttleWaitMs(retryAfterMs, n + 1, random));
const sum = (all: readonly number[]) => all.reduce((total, ms) => total + ms, 0);

it('is as long as Graph asks for, and an hour at most in all', () => {
  expect(throttleWaitMs(7_000, 3, 0.9)).toBe(7_000);
  expect(sum(waits(24 * 3_600_000, 0))).toBeLessThan(3_600_000);
});

it('else grows from seconds to a minute, and outlasts minutes of somebody else’s calls', () => {
  expect(waits(null, 1)).toEqual([5_000, 10_000, 20_000, 40_000, 60_000, 60_000, 60_000]);
  expect(sum(waits(null, 0))).toBeGreaterThan(2 * 60_000);
});

it('brings back apart those who were turned away together', () => {
  expect(throttleWaitMs(null, 2, 0)).not.toBe(throttleWaitMs(null, 2, 0.5));
});
