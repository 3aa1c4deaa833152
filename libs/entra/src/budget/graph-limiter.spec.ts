import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { hasTestRedis, testPostgres, testRedis } from '../../../../tools/test-backends';
import { EntraError } from '../entra-error';
import { BudgetStore, type BudgetBackend } from './budget-store';
import { budgetKey, budgetOf, budgetsOf, documentedBudgets, type Budgets, type Priority } from './budgets';
import { GraphLimiter, type LimiterWatch } from './graph-limiter';

jest.setTimeout(60_000);

const risk = '/identityProtection/riskyUsers';
const owner = { tenantId: 'tenant', clientId: 'app' };
const otherApp = { tenantId: 'tenant', clientId: 'other' };

describe('the documented budgets', () => {
  it.each([
    ['/identityProtection/riskyUsers/dismiss', 'identityProtection'],
    ['/auditLogs/signIns?$top=1', 'reports'],
    ['/auditlogs/directoryaudits?$skiptoken=x', 'reports'],
    ['/reports/authenticationMethods/userRegistrationDetails/x', 'reports'],
    ['/users/x', 'directory'],
    ['/$batch', 'directory'],
  ])('count %s as %s', (path, name) => {
    expect(budgetOf(path)).toBe(name);
  });

  it('stay below what Microsoft allows, with a margin', () => {
    expect(documentedBudgets.identityProtection.windowMs).toBeGreaterThan(1_000);
    // One call per window: six calls, which would be one too many, take five windows.
    expect(5 * documentedBudgets.reports.windowMs).toBeGreaterThan(10_000);
  });

  it('can be more calls in the same window, or a part of them in a longer one', () => {
    expect(budgetsOf(1)).toEqual(documentedBudgets);
    expect(budgetsOf(20).reports).toEqual({
      ...{ calls: 20, windowMs: 2_200 },
      limit: { calls: 100, windowMs: 10_000 },
    });
    expect(budgetsOf(0.5).identityProtection).toEqual({
      ...{ calls: 1, windowMs: 3_000 },
      limit: { calls: 1, windowMs: 2_000 },
    });
  });

  it('are per tenant for Identity Protection and per application for the rest', () => {
    expect(budgetKey('identityProtection', owner)).toBe(budgetKey('identityProtection', otherApp));
    expect(budgetKey('reports', owner)).not.toBe(budgetKey('reports', otherApp));
  });
});

interface Rig {
  backend: BudgetBackend;
  close(): Promise<void>;
}
const rigs: Record<string, () => Promise<Rig>> = {
  memory: async () => ({ backend: { kind: 'memory' }, close: async () => undefined }),
  postgres: async () => {
    const { ownerUrl, close } = await testPostgres();
    const client = new Client({ connectionString: ownerUrl });
    await client.connect();
    await client.query(`CREATE SCHEMA sallyport; CREATE TABLE sallyport.graph_budget
      (key varchar(255) PRIMARY KEY, points integer NOT NULL DEFAULT 0, expire bigint)`);
    await client.end();
    return { backend: { kind: 'postgres', url: ownerUrl }, close };
  },
  ...(hasTestRedis() && {
    redis: async () => {
      const server = await testRedis();
      if (!server) throw new Error('no Redis, although hasTestRedis() said so');
      return { backend: { kind: 'redis', url: server.url }, close: server.close };
    },
  }),
};

const windowOf = (windowMs: number): Budgets => ({
  ...documentedBudgets,
  identityProtection: { calls: 1, windowMs },
});
const watch = (): LimiterWatch & Record<'waits' | 'quits' | 'refusals' | 'solo', number> => {
  const seen = { waits: 0, quits: 0, refusals: 0, solo: 0 };
  return Object.assign(seen, {
    waited: () => void (seen.waits += 1),
    gaveUp: () => void (seen.quits += 1),
    throttled: () => void (seen.refusals += 1),
    alone: () => void (seen.solo += 1),
  });
};

describe.each(Object.keys(rigs))('a limiter on %s', (kind) => {
  let rig: Rig;
  const stores: BudgetStore[] = [];
  // The library's commands for Redis know no window below a second. And whoever asks a store in order must be able to
  // do so within one window, although a first connection on a busy machine takes a part of a second.
  const windowMs = kind === 'memory' ? 300 : 1_050;
  let tenants = 0;
  const limiter = (given: Partial<ConstructorParameters<typeof GraphLimiter>[0]> = {}) => {
    // A process of its own has a store of its own; in memory there is only one process.
    const store =
      kind === 'memory' ? (stores[0] ?? BudgetStore.on(rig.backend)) : BudgetStore.on(rig.backend);
    stores.push(store);
    const tenantId = `tenant-${tenants}`;
    return new GraphLimiter({ owner: { ...owner, tenantId }, store, budgets: windowOf(windowMs), ...given });
  };
  beforeAll(async () => {
    rig = await rigs[kind]!();
  });
  afterAll(() => rig.close());
  // Each test spends the budget of a tenant of its own.
  beforeEach(() => void (tenants += 1));
  afterEach(async () => {
    await Promise.all(stores.splice(0).map((store) => store.close()));
  });

  it('lets one call per window through, for all replicas and applications of the tenant together', async () => {
    const [one, two] = [limiter(), limiter({ owner: { ...otherApp, tenantId: `tenant-${tenants}` } })];
    const started = performance.now();
    const windows: number[] = [];
    const call = (by: GraphLimiter) =>
      by.acquire(risk, 'read').then(() => void windows.push((performance.now() - started) / windowMs));
    await Promise.all([call(one), call(two), call(one), call(two)]);
    // From the start, not from call to call: an answer that was late says nothing. The store keeps whole milliseconds.
    for (const [n, passed] of windows.entries()) expect(passed).toBeGreaterThan(n * 0.98);
  });

  it('lets containment pass release, and release pass reads', async () => {
    const gate = limiter();
    await gate.acquire(risk, 'read');
    const order: Priority[] = [];
    const call = (priority: Priority) => gate.acquire(risk, priority).then(() => void order.push(priority));
    await Promise.all([call('read'), call('release'), call('containment')]);
    expect(order).toEqual(['containment', 'release', 'read']);
  });

  it('sends a call only so long after the answer to the one before that they cannot meet at Graph', async () => {
    const limit = { calls: 1, windowMs: 250 };
    const given = { ...documentedBudgets, identityProtection: { calls: 1, windowMs, limit } };
    const gate = limiter({ budgets: given });
    const place = await gate.acquire(risk, 'read');
    const second = gate.acquire(risk, 'read').then(() => performance.now());
    // Longer than the spacing: without the answer nobody knows when the first call arrived.
    await sleep(windowMs + 200);
    const answeredAt = performance.now();
    gate.answered(risk, place);
    expect((await second) - answeredAt).toBeGreaterThanOrEqual(limit.windowMs - 1);
  });

  it('does not wait for ever: the call was not sent, and says so', async () => {
    const seen = watch();
    const gate = limiter({ waitMs: 50, watch: seen, budgets: windowOf(10_000) });
    await gate.acquire(risk, 'read');
    const error: unknown = await gate.acquire(risk, 'read').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(EntraError);
    expect(error).toMatchObject({ kind: 'throttled', code: 'budgetExhausted', sent: false, retryable: true });
    expect(seen).toMatchObject({ waits: 1, quits: 1 });
  });

  describe('with calls that count from their answer', () => {
    // A call that is not answered counts for five seconds: whoever waits for it longer than this fails.
    const [limit, waitMs] = [{ calls: 1, windowMs: 10 }, 3_500];
    const answering = () =>
      limiter({
        waitMs,
        budgets: { ...documentedBudgets, identityProtection: { calls: 1, windowMs, limit } },
      });

    it('serves nobody who has given up, so that the next one is served at once', async () => {
      const gate = answering();
      gate.answered(risk, await gate.acquire(risk, 'read'));
      // Gives up while the only place of the window is taken.
      await expect(gate.acquire(risk, 'read', 1, windowMs / 10)).rejects.toThrow(EntraError);
      await sleep(windowMs);
      expect(await gate.acquire(risk, 'containment')).not.toBeNull();
    });

    it('lets the next one go where a place is not used', async () => {
      const gate = answering();
      gate.unused(await gate.acquire(risk, 'release'));
      expect(await gate.acquire(risk, 'containment')).not.toBeNull();
    });
  });

  it('lets a waiting containment of another replica pass its releases, and a waiting release its reads', async () => {
    const passes = async (sooner: Priority, later: Priority) => {
      tenants += 1;
      const [one, two] = [limiter(), limiter()];
      await one.acquire(risk, 'read');
      const order: string[] = [];
      const behind = ['first', 'second'].map((name) =>
        one.acquire(risk, later).then(() => void order.push(name)),
      );
      await sleep(100);
      const ahead = two.acquire(risk, sooner).then(() => void order.push('urgent'));
      await Promise.all([...behind, ahead]);
      expect(order.indexOf('urgent')).toBeLessThan(order.indexOf('second'));
    };
    await Promise.all([passes('containment', 'release'), passes('release', 'read')]);
  });

  it('lets more urgent callers of other replicas delay a release, and not starve it', async () => {
    const store = stores[0] ?? BudgetStore.on(rig.backend);
    stores.push(store);
    const key = budgetKey('identityProtection', { ...owner, tenantId: `tenant-${tenants}` });
    const claims = setInterval(() => void store.claim(key, 'containment'), 100);
    await store.claim(key, 'containment');
    await limiter().acquire(risk, 'release');
    clearInterval(claims);
  });

  it('makes every replica pause after a 429', async () => {
    const [one, two] = [limiter(), limiter()];
    const since = performance.now();
    await one.throttled(risk, 2_000);
    await two.acquire(risk, 'read');
    // The clock of the store is not ours.
    expect(performance.now() - since).toBeGreaterThan(1_500);
  });

  it('keeps the longer of two pauses', async () => {
    const [one, two] = [limiter(), limiter()];
    const since = performance.now();
    await one.throttled(risk, 2_000);
    await two.throttled(risk, 10);
    await two.acquire(risk, 'read');
    expect(performance.now() - since).toBeGreaterThan(1_500);
  });
});

it.each(['redis://127.0.0.1:1', 'postgres://nobody@127.0.0.1:1/none'])(
  'without the store (%s) a process counts alone, slower, and tells',
  async (url) => {
    const kind = url.startsWith('redis') ? 'redis' : 'postgres';
    const seen = watch();
    const store = BudgetStore.on({ kind, url });
    const quick = windowOf(200);
    const gate = new GraphLimiter({ owner, store, budgets: quick, watch: seen });
    await gate.acquire(risk, 'read');
    const since = performance.now();
    await gate.acquire(risk, 'containment');
    expect(performance.now() - since).toBeGreaterThan(3 * 200);
    expect(seen.solo).toBeGreaterThanOrEqual(2);
    await store.close();
  },
);
