import { runSimulator } from '../testing/running-simulator';
import { Throttle } from './throttle';

describe('the documented limits', () => {
  it('allow Identity Protection one request a second for all apps together, without Retry-After', () => {
    let now = 0;
    const throttle = new Throttle(() => now);
    expect(throttle.take('identityProtection', 'one')).toBeNull();
    now = 999;
    expect(throttle.take('identityProtection', 'other')).toEqual({ retryAfterSeconds: null });
    now = 1_000;
    expect(throttle.take('identityProtection', 'other')).toBeNull();
  });

  it('allow each app five reports in ten seconds, with Retry-After', () => {
    let now = 0;
    const throttle = new Throttle(() => now);
    for (let i = 0; i < 5; i++) expect(throttle.take('reports', 'one')).toBeNull();
    now = 4_000;
    expect(throttle.take('reports', 'one')).toEqual({ retryAfterSeconds: 6 });
    expect(throttle.take('reports', 'other')).toBeNull();
  });
});

it('are enforced by a simulator that is told to', async () => {
  const tenant = await runSimulator({ SIMULATOR_LIMITS: 'real' });
  try {
    const read = () => tenant.graph('contextReader', 'GET', '/identityProtection/riskyUsers');
    const replies = [await read(), await read()];
    expect(replies.map(({ status }) => status)).toEqual([200, 429]);
    expect(replies[1]?.json.error.code).toBe('TooManyRequests');
    expect(replies[1]?.headers['retry-after']).toBeUndefined();
  } finally {
    await tenant.stop();
  }
});
