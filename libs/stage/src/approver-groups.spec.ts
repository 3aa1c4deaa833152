import { EntraError, type GroupProtection } from '@sallyport/entra';
import { Readiness } from '@sallyport/service';
import pino from 'pino';
import { Registry } from 'prom-client';
import type { GroupRequirement } from './approver-env';
import { ApproverGroups } from './approver-groups';

const down = new EntraError({ kind: 'unavailable', status: 503, code: 'outage' });
let answers: Record<string, GroupProtection | EntraError>;
let logged: string[];
let readiness: Readiness;
let registry: Registry;
let groups: ApproverGroups;
beforeEach(() => {
  jest.useFakeTimers();
  logged = [];
  readiness = new Readiness();
  registry = new Registry();
  answers = { s: 'protected', i: 'protected' };
});
afterEach(() => {
  groups.onApplicationShutdown();
  jest.useRealTimers();
});

function start(requirement: GroupRequirement = 'required'): Promise<void> {
  groups = new ApproverGroups({
    service: 'spec',
    groups: { secops: 's', identityOps: 'i', securityLead: undefined },
    requirement,
    protectionOf: async (id) => {
      const answer = answers[id] ?? 'unknownGroup';
      if (answer instanceof EntraError) throw answer;
      return answer;
    },
    ...{ readiness, registry },
    logger: pino({ level: 'warn' }, { write: (line: string) => void logged.push(line) }),
  });
  return groups.onApplicationBootstrap();
}
const isReady = () =>
  readiness.checks.get('approver groups')!().then(
    () => true,
    () => false,
  );
const metric = async () =>
  (await registry.metrics()).split('\n').filter((line) => line.startsWith('sallyport'));

it('starts with groups that are protected, and says nothing', async () => {
  await start();
  expect(await isReady()).toBe(true);
  expect(logged).toEqual([]);
  expect(await metric()).toEqual([
    'sallyport_approver_group_protected{role="secops"} 1',
    'sallyport_approver_group_protected{role="identityOps"} 1',
  ]);
});

it.each<GroupRequirement>(['required', 'warn'])(
  'does not start with a group that the directory does not have, also where the protection is %s',
  async (requirement) => {
    answers = { s: 'unknownGroup', i: 'protected' };
    await expect(start(requirement)).rejects.toThrow('SECOPS_GROUP_ID: the directory has no such group');
    expect(await isReady()).toBe(false);
  },
);

it('does not start with a group that others can change', async () => {
  answers = { s: 'protected', i: 'open' };
  await expect(start()).rejects.toThrow('IDENTITY_OPS_GROUP_ID: this group is not protected');
});

it('starts with such a group where that is allowed, and warns loudly, again every hour', async () => {
  answers = { s: 'protected', i: 'open' };
  await start('warn');
  expect(await isReady()).toBe(true);
  expect(await metric()).toContain('sallyport_approver_group_protected{role="identityOps"} 0');
  await jest.advanceTimersByTimeAsync(60 * 60_000);
  expect(logged.filter((line) => line.includes('"level":50') && line.includes('not protected'))).toHaveLength(
    2,
  );
});

it('starts while the directory is down, is not ready, and asks again until it answers', async () => {
  answers = { s: down, i: 'protected' };
  await start();
  expect(await isReady()).toBe(false);
  await jest.advanceTimersByTimeAsync(60_000);
  expect(await isReady()).toBe(false);
  answers = { s: 'protected', i: 'protected' };
  await jest.advanceTimersByTimeAsync(5 * 60_000);
  expect(await isReady()).toBe(true);
});

it('is not ready where it finds after such a start that a group is open', async () => {
  answers = { s: down, i: down };
  await start();
  answers = { s: 'open', i: 'protected' };
  await jest.advanceTimersByTimeAsync(10_000);
  expect(await isReady()).toBe(false);
  expect(logged.at(-1)).toContain('SECOPS_GROUP_ID: this group is not protected');
});

describe('nobody is believed to hold a role', () => {
  it('before the groups were found right, and again once they are', async () => {
    answers = { s: down, i: 'protected' };
    await start();
    expect(groups.areTrusted()).toBe(false);
    answers = { s: 'protected', i: 'protected' };
    await jest.advanceTimersByTimeAsync(60_000);
    expect(groups.areTrusted()).toBe(true);
  });

  it('once a group is found open or gone, until it is put right', async () => {
    await start();
    for (const found of ['open', 'unknownGroup'] as const) {
      answers = { s: 'protected', i: found };
      await jest.advanceTimersByTimeAsync(60 * 60_000);
      expect(groups.areTrusted()).toBe(false);
      answers = { s: down, i: 'protected' };
      await jest.advanceTimersByTimeAsync(5 * 60_000);
      expect(groups.areTrusted()).toBe(false);
      answers = { s: 'protected', i: 'protected' };
      await jest.advanceTimersByTimeAsync(5 * 60_000);
      expect(groups.areTrusted()).toBe(true);
    }
  });

  it('once nobody could look at the groups for some hours, as without the right to', async () => {
    await start();
    answers = { s: new EntraError({ kind: 'forbidden', status: 403, code: 'denied' }), i: 'protected' };
    await jest.advanceTimersByTimeAsync(3 * 60 * 60_000);
    expect(groups.areTrusted()).toBe(true);
    await jest.advanceTimersByTimeAsync(2 * 60 * 60_000);
    expect(groups.areTrusted()).toBe(false);
  });

  it('but where open groups are allowed everybody is', async () => {
    answers = { s: down, i: 'open' };
    await start('warn');
    expect(groups.areTrusted()).toBe(true);
  });
});

it('stays ready where a later round fails or finds a group open, and says so', async () => {
  await start();
  answers = { s: 'open', i: 'protected' };
  await jest.advanceTimersByTimeAsync(60 * 60_000);
  answers = { s: down, i: down };
  await jest.advanceTimersByTimeAsync(5 * 60_000);
  expect(await isReady()).toBe(true);
  expect(logged.map((line) => JSON.parse(line))).toMatchObject([
    { level: 50, votes: 'refused' },
    { level: 40 },
  ]);
});
