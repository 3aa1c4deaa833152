/** Many releases at the same moment in a tenant with no more than the documented limits, on a clock that passes at once. */
import { applyEvent, type Case, nextStage } from '@sallyport/case';
import { CaseLog, type LoadedCase } from '@sallyport/case-log';
import { BudgetStore, documentedBudgets, GraphLimiter, systemRuntime } from '@sallyport/entra';
import type { CaseEvent } from '@sallyport/evidence';
import { NotYet, RetryableError } from '@sallyport/queue';
import { executorRig, type ExecutorRig } from './testing/executor-rig';

const releases = 20;
const workers = 8;
/** So much time passes at once. */
const stepMs = 250;
/** The logs alone take three minutes: four calls for each, one every 2.2 seconds. */
const longestMs = 10 * 60_000;
/** The first worker is free by then: a minute for the logs of all eight, and half a minute for a turn. */
const workerWithinMs = 90_000;

let rig: ExecutorRig;
beforeAll(async () => {
  rig = await executorRig();
}, 60_000);
afterAll(() => rig.close());

/** The log of one process, without a database whose time would pass by another clock. */
class MemoryLog extends CaseLog {
  readonly cases = new Map<string, LoadedCase>();

  override async load(caseId: string): Promise<LoadedCase | null> {
    return this.cases.get(caseId) ?? null;
  }

  override async append(loaded: LoadedCase, event: CaseEvent): Promise<LoadedCase> {
    const after = { ...loaded, case: applyEvent(loaded.case, event) };
    this.cases.set(after.case.id, after);
    return after;
  }
}

/** Everything asked of the outside, and how much of it is not answered yet. */
function watchedFetch() {
  const asked: { path: string; body: string }[] = [];
  const under = { way: 0 };
  const real = globalThis.fetch;
  globalThis.fetch = async (...[input, init]: Parameters<typeof fetch>) => {
    asked.push({ path: new Request(input).url, body: typeof init?.body === 'string' ? init.body : '' });
    under.way += 1;
    try {
      const response = await real(input, init);
      const text = await response.text();
      return new Response(text || null, { status: response.status, headers: response.headers });
    } finally {
      under.way -= 1;
    }
  };
  return { asked, under, restore: () => void (globalThis.fetch = real) };
}

const later = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

it('all of them complete, little is read in vain, and a containment gets a worker', async () => {
  rig.world.account.risk.level = 'high';
  const contained = await rig.decidedCase();
  rig.world.account.risk.level = 'medium';
  const cases = await Promise.all(Array.from({ length: releases }, (_, n) => rig.approvedTwin(n)));
  rig.world.risksApart = true;
  const log = new MemoryLog(rig.db);
  for (const c of [...cases, contained]) {
    const loaded = await rig.log.load(c.id);
    if (loaded) log.cases.set(c.id, loaded);
  }
  const wake = jest.spyOn(rig.queues, 'wake').mockResolvedValue(undefined);
  const outside = watchedFetch();
  const { sleep } = systemRuntime;
  systemRuntime.sleep = later;
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
  try {
    const limiter = new GraphLimiter({
      owner: { tenantId: 'tenant', clientId: 'executor' },
      store: BudgetStore.on({ kind: 'memory' }),
      budgets: documentedBudgets,
      runtime: { now: () => new Date(), sleep: later, random: () => 0.5 },
    });
    const handler = rig.processWithin(limiter, log);
    const waiting = cases.map((c) => c.id);
    let open = releases + 1;
    let passedMs = 0;
    // Comes when every worker has a release in hand, and others wait: it goes next.
    let containedAfterMs: number | null = null;
    const deliver = async (caseId: string): Promise<void> => {
      const now = log.cases.get(caseId)?.case;
      if (!now || nextStage(now)?.stage !== 'executor') return void (open -= 1);
      try {
        if (caseId === contained.id) containedAfterMs ??= passedMs;
        await handler.handle({ caseId, stage: 'executor', seq: now.seq });
        waiting.push(caseId);
      } catch (error) {
        if (!(error instanceof NotYet || error instanceof RetryableError)) throw error;
        void later(error instanceof NotYet ? error.retryAfterMs : 1_000).then(() => waiting.push(caseId));
      }
    };
    const work = async (): Promise<void> => {
      while (open > 0) {
        const next = waiting.shift();
        await (next === undefined ? later(stepMs) : deliver(next));
      }
    };
    const all = Promise.all(Array.from({ length: workers }, work));
    for (; open > 0 && passedMs < longestMs; passedMs += stepMs) {
      // Time passes only where nobody waits for an answer.
      do await new Promise(setImmediate);
      while (outside.under.way > 0);
      rig.pass(stepMs);
      if (passedMs === stepMs) waiting.unshift(contained.id);
      await jest.advanceTimersByTimeAsync(stepMs);
    }
    expect(open).toBe(0);
    await jest.advanceTimersByTimeAsync(stepMs);
    await all;

    const ended = cases.map((c): Case | undefined => log.cases.get(c.id)?.case);
    expect(log.cases.get(contained.id)?.case.immediate?.result).toBe('done');
    expect(containedAfterMs).toBeLessThanOrEqual(workerWithinMs);
    expect(new Set(ended.map((c) => c?.proposed?.result))).toEqual(new Set(['done']));
    const reads = (part: string) => outside.asked.filter(({ path }) => path.includes(part)).length;
    const calls = outside.asked.filter(({ path }) => path.endsWith('/riskyUsers/dismiss'));
    const together = calls.map(({ body }) => (JSON.parse(body) as { userIds: string[] }).userIds.length);
    // Each account is judged once, and its risk is looked at a few times more.
    expect(reads('/auditLogs/signIns')).toBeLessThanOrEqual(releases + workers);
    expect(reads('/riskyUsers/') - calls.length).toBeLessThanOrEqual(5 * releases);
    expect(together.reduce((sum, users) => sum + users, 0)).toBe(releases);
    expect(Math.max(...together)).toBeGreaterThan(1);
  } finally {
    jest.useRealTimers();
    systemRuntime.sleep = sleep;
    outside.restore();
    wake.mockRestore();
  }
}, 120_000);
