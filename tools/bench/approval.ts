/**
 * How long a person waits for the answer to a click while many cases are being voted on: real Postgres, real HTTP to a
 * simulated directory that takes its time, the whole path from the checked activity to the card that is the answer.
 * Clicks come at a steady rate whether or not earlier ones are answered, so that waiting is not hidden.
 *
 * Graph's documented limits hold, counted in Postgres as in production, and somebody else of the tenant takes as much of
 * Identity Protection's one call per second as they can get (`--others off` leaves them out).
 *
 * Left out: TLS and the check of the token in front of it, about a millisecond.
 */
import type { Case } from '@sallyport/case';
import { eventFor } from '@sallyport/case/testing';
import { BudgetStore, GraphLimiter } from '@sallyport/entra';
import { sampleId } from '@sallyport/evidence/testing';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { approvalRig, voting } from '../../apps/approval/src/testing/approval-rig';
import { people } from '../../apps/approval/src/testing/teams-and-directory';

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '500' },
    perSecond: { type: 'string', default: '5' },
    directoryMs: { type: 'string', default: '100' },
    others: { type: 'string', default: 'on' },
  },
});
/** More would not be a benchmark any more. */
const cases = Math.min(Number(values.cases), 5_000);
const perSecond = Number(values.perSecond);
const directoryMs = Number(values.directoryMs);
const targetMs = 1_000;

const owner = { tenantId: 'bench', clientId: 'approval' };
const riskPath = '/identityProtection/riskyUsers';

/** Asks for a place in Identity Protection's budget again as soon as it has got one. @returns what ends it */
function otherReaders(limiter: GraphLimiter): () => void {
  let stopped = false;
  const readAll = async () => {
    while (!stopped) await limiter.acquire(riskPath, 'read');
  };
  void readAll();
  return () => (stopped = true);
}

async function main(): Promise<void> {
  const limiterOf = (url: string, clientId: string, waitMs: number) =>
    new GraphLimiter({
      owner: { ...owner, clientId },
      store: BudgetStore.on({ kind: 'postgres', url }),
      waitMs,
    });
  let stopOthers: () => void = () => undefined;
  const rig = await approvalRig((url) => {
    if (values.others === 'on') stopOthers = otherReaders(limiterOf(url, 'context', 300_000));
    return limiterOf(url, owner.clientId, 4_000);
  });
  try {
    rig.world.directoryDelayMs = directoryMs;
    const asked: Case[] = [];
    const [, ...steps] = voting([{ role: 'secops', count: 2 }]);
    for (let n = 0; n < cases; n += 1) {
      // One open case per person, as always.
      const subjectId = sampleId(10_000 + n);
      asked.push(await rig.newCase((c) => eventFor(c, 'evidence.collected', { subjectId }), ...steps));
    }
    console.log(
      `${cases} cases ask two people each; ${perSecond} clicks/s; the directory takes ${directoryMs} ms a call.`,
    );

    const waits: number[] = [];
    const running = new Set<Promise<void>>();
    const failures: unknown[] = [];
    const start = (work: Promise<void>) => {
      running.add(work);
      void work.catch((error: unknown) => failures.push(error)).finally(() => running.delete(work));
    };
    const click = async (c: Case, voterId: string) => {
      const since = performance.now();
      const answer = await rig.click(c, voterId);
      waits.push(performance.now() - since);
      if (typeof answer.value === 'string') throw new Error(`a vote was not taken: ${answer.value}`);
      // The decision and all that follows it goes on beside the clicks of others.
      const after = await rig.caseNow(c);
      if (after.phase === 'tallied') await rig.run(after);
    };
    // First one person everywhere, then the other: at every moment hundreds of cases are half decided.
    const clicks = [people.ada, people.bob].flatMap((voterId) => asked.map((c) => ({ c, voterId })));
    const began = performance.now();
    for (const [at, { c, voterId }] of clicks.entries()) {
      await sleep(Math.max(0, began + (at * 1_000) / perSecond - performance.now()));
      start(click(c, voterId));
    }
    await Promise.allSettled(running);
    if (failures.length > 0) throw failures[0];

    const sorted = waits.sort((a, b) => a - b);
    const quantile = (part: number) =>
      sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0;
    for (const [name, part] of [
      ['half', 0.5],
      ['95 of 100', 0.95],
      ['99 of 100', 0.99],
      ['slowest', 1],
    ] as const) {
      console.log(`  ${name.padEnd(10)}${quantile(part).toFixed(0).padStart(6)} ms`);
    }
    const decided = await Promise.all(asked.map(async (c) => (await rig.caseNow(c)).proposal?.outcome));
    console.log(
      `  decided   ${String(decided.filter((outcome) => outcome === 'approved').length).padStart(6)} cases`,
    );
    const reached = quantile(0.99) < targetMs ? 'reached' : 'NOT reached';
    console.log(`Target of ${targetMs} ms for 99 of 100 clicks, on this machine: ${reached}.`);
    const riskCalls = rig.world.asked.filter((path) => path.includes(riskPath)).length;
    console.log(`  ${riskCalls} calls of Identity Protection for ${waits.length} clicks`);
  } finally {
    stopOthers();
    // The last place that the others asked for.
    await sleep(2_000);
    await rig.close();
  }
}

void main();
