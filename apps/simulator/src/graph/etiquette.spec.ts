import {
  AccountReader,
  AccountWriter,
  BudgetStore,
  documentedBudgets,
  EvidenceReader,
  extensionAttributeOf,
  GraphLimiter,
  systemRuntime,
  upnPatternOf,
} from '@sallyport/entra';
import { SharedReads } from '@sallyport/entra/shared';
import { graphOpenApi } from '@sallyport/entra/testing';
import { stepKinds } from '@sallyport/evidence';
import { sampleDigest } from '@sallyport/evidence/testing';
import { stableGuid } from '@sallyport/scenario';
import { plainGraph } from '../testing/plain-graph';
import { start, tenantId } from '../testing/running-simulator';

jest.setTimeout(60_000);

/** Fast enough for a spec, slow enough that a busy machine's delays do not look like impatience. */
const speed = 5;
const people = Array.from({ length: 12 }, (_, n) => `person-${n}`);
const given = {
  groups: [{ key: 'break-glass', isAssignableToRole: true }],
  users: [
    { key: 'boss' },
    ...people.map((key) => ({
      key,
      manager: 'boss',
      devices: [{}],
      eligibleRoles: ['Security Reader'],
      risk: {},
      detections: [{}],
      signIns: [{ at: '-2h', mfa: true }, { at: '-30m' }],
      audits: [{ activity: 'Reset password (self-service)' }],
    })),
    { key: 'quiet', registration: null },
  ],
};
const group = stableGuid('group', 'break-glass');
const id = (key: string) => stableGuid('user', key);
const budgets = {
  identityProtection: { calls: 1, windowMs: documentedBudgets.identityProtection.windowMs / speed },
  reports: { calls: 1, windowMs: documentedBudgets.reports.windowMs / speed },
  directory: documentedBudgets.directory,
};

type Graph = Awaited<ReturnType<typeof plainGraph>>;
let graph: Graph;
let store: BudgetStore;
beforeEach(() => void (store = BudgetStore.on({ kind: 'memory' })));
afterEach(() => graph.stop());

const withRealLimits = async () => {
  const limits = { SIMULATOR_LIMITS: 'real', SIMULATOR_LIMITS_SPEED: String(speed) };
  graph = await plainGraph(given, start, limits);
};
const limiter = () =>
  new GraphLimiter({
    owner: { tenantId, clientId: 'context' },
    store,
    budgets,
  });
const since = '2026-11-13T09:00:00.000Z';
async function collect(keys: readonly string[]) {
  const client = await graph.client('contextReader', { limiter: limiter(), batchDirectoryReads: true });
  const runtime = { ...systemRuntime, now: graph.clock };
  const view = new SharedReads(client, runtime).view(start.toISOString());
  const collected = keys.map(async (key) => {
    const reader = new EvidenceReader(client, [key], runtime, view);
    const nobody = { groups: [], upnPatterns: [], attributes: [] };
    const marked = {
      groups: [group],
      upnPatterns: [upnPatternOf('bg-*')],
      attributes: [extensionAttributeOf('extensionAttribute7=break-glass')],
    };
    const lists = { breakGlass: marked, serviceAccount: nobody, vip: nobody };
    return Promise.all([
      ...[reader.user(id(key)), reader.roles(id(key)), reader.standing(id(key), lists), reader.risk(id(key))],
      ...[reader.detections(id(key), since), reader.signIns(id(key), since)],
      ...[reader.changes(id(key), since, []), reader.devices(id(key)), reader.manager(id(key))],
      reader.registration(id(key)),
    ]);
  });
  return Promise.all(collected);
}
const asked = (path: string) => graph.exchanges.filter(({ url }) => url.startsWith(path)).length;

// That Graph then refuses nothing, and that it goes on beside another caller, are matters of time: the benchmark
// `evidence` measures them.
it('a dozen cases at once are read within the real limits: all known, with few calls', async () => {
  await withRealLimits();
  const readings = (await collect(people)).flat();
  expect(readings.filter(({ state }) => state === 'unknown')).toEqual([]);
  expect(asked('/identityProtection/')).toBeLessThanOrEqual(4);
});

const openApi = graphOpenApi();
(openApi ? it : it.skip)(
  'every request of the clients and every answer is as Graph documents it',
  async () => {
    graph = await plainGraph(given, start);
    await collect([...people.slice(0, 2), 'quiet']);
    const reader = await graph.client('contextReader', { limiter: limiter() });
    const alone = new EvidenceReader(reader, ['alone'], systemRuntime);
    await Promise.all([alone.detections(id('quiet'), since), alone.signIns(id('quiet'), since)]);
    await alone.risk(id('quiet'));
    const client = await graph.client('executor', { limiter: limiter() });
    for (const step of stepKinds) {
      const writer = new AccountWriter(client);
      const place = await writer.prepare(step, id('person-0'));
      const answer = await writer.perform(step, id('person-0'), sampleDigest(1), place);
      expect(answer.kind).toBe('accepted');
    }
    await new AccountReader(client).state(id('person-0'), ['spec']);
    expect(graph.exchanges.flatMap((exchange) => openApi?.problems(exchange) ?? [])).toEqual([]);
    // The check itself can fail.
    const broken = {
      method: 'GET',
      url: '/users/x?$nonsense=1',
      body: undefined,
      status: 200,
      answer: { id: 7 },
    };
    expect(openApi?.problems(broken)).not.toEqual([]);
  },
);
