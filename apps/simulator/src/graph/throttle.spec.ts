import { runSimulator } from '../testing/running-simulator';
import { Throttle, unitsOf } from './throttle';

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

describe('the limit of the directory', () => {
  it.each([
    ['/users/{id}', '', 1],
    ['/users/{id}', '?$select=id', 1],
    ['/users/{id}/checkMemberGroups', '', 4],
    ['/users/{id}/transitiveMemberOf', '?$select=id', 1],
    ['/roleManagement/directory/roleAssignments', '?$expand=roleDefinition', 2],
  ])('counts %s%s as %i', (path, query, units) => {
    expect(unitsOf('directory', path, new URLSearchParams(query))).toBe(units);
  });

  it('is 3,500 units in ten seconds, with Retry-After', () => {
    const throttle = new Throttle(() => 0);
    expect(throttle.take('directory', 'one', 3_499)).toBeNull();
    expect(throttle.take('directory', 'one', 2)).toEqual({ retryAfterSeconds: 10 });
    expect(throttle.take('directory', 'one', 1)).toBeNull();
  });

  it('passes faster in a rehearsal that asks for it', () => {
    let now = 0;
    const throttle = new Throttle(() => now, 20);
    throttle.take('identityProtection', 'one');
    now = 49;
    expect(throttle.take('identityProtection', 'one')).not.toBeNull();
    now = 50;
    expect(throttle.take('identityProtection', 'one')).toBeNull();
  });
});

it('are enforced by a simulator that is told to', async () => {
  const tenant = await runSimulator({ SIMULATOR_LIMITS: 'real' });
  // However slow the machine, both come at one moment.
  const moment = jest.spyOn(performance, 'now').mockReturnValue(performance.now());
  try {
    const read = () => tenant.graph('contextReader', 'GET', '/identityProtection/riskyUsers');
    const replies = [await read(), await read()];
    expect(replies.map(({ status }) => status)).toEqual([200, 429]);
    expect(replies[1]?.json.error.code).toBe('TooManyRequests');
    expect(replies[1]?.headers['retry-after']).toBeUndefined();
  } finally {
    moment.mockRestore();
    await tenant.stop();
  }
});
