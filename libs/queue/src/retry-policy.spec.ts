import {
  defaultRetryPolicy,
  maxNotYetMs,
  maxRetryAfterMs,
  minNotYetMs,
  notYetDelayMs,
  retryDelayMs,
} from './retry-policy';

describe('the wait between attempts', () => {
  it.each([
    [1, 500, 1_000],
    [2, 1_000, 2_000],
    [3, 2_000, 4_000],
    [6, 16_000, 32_000],
    [7, 30_000, 60_000],
    [50, 30_000, 60_000],
  ])('after failure %i lies between %i and %i ms', (failures, leastMs, mostMs) => {
    expect(retryDelayMs(defaultRetryPolicy, failures, 0, 0)).toBe(leastMs);
    expect(retryDelayMs(defaultRetryPolicy, failures, 0, 1)).toBe(mostMs);
  });

  it('is never shorter than the failure asked for', () => {
    expect(retryDelayMs(defaultRetryPolicy, 1, 7_000, 0.5)).toBe(7_000);
  });

  it('is cut where the failure asks for an outage', () => {
    expect(retryDelayMs(defaultRetryPolicy, 1, Number.MAX_SAFE_INTEGER, 0.5)).toBe(maxRetryAfterMs);
  });

  it('keeps patience within its bounds', () => {
    expect([-1, 1_000, 1e12].map(notYetDelayMs)).toEqual([minNotYetMs, 1_000, maxNotYetMs]);
  });
});
