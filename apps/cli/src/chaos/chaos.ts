/**
 * Real processes in real trouble: cases come in at a steady rate while services are killed, stores restart, the queue
 * loses everything and the outside drops and delays answers. When the trouble is over, every case must be where it
 * belongs.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OpenScene } from '../rehearse/scene';
import { sendSigned } from '../rehearse/send-signed';
import { rehearsal } from '../stack/service-env';
import type { Stack, StackOptions } from '../stack/stack';
import { type ChaosCase, chaosCase } from './cast';
import { dismissalsPerCall, disruptions, inHandMax, seeded } from './disruptions';
import { answer } from './people';
import type { Strike } from './excuses';
import { judge, type Verdict } from './verdict';

export interface ChaosOptions {
  cases: number;
  perSecond: number;
  seed: number;
  /** Between the end of one disruption and the next. */
  pauseMs: number;
  /** So many happen at least, also where the cases have come in sooner. */
  disruptionsMin: number;
  /** How long the line has, after the last case came in and the last disruption ended. */
  settleMs: number;
  progress: (message: string) => void;
}

export interface ChaosReport extends Verdict {
  cases: number;
  elapsedMs: number;
  settledMs: number;
  /** How often each happened. */
  disruptions: Record<string, number>;
  /** The longest that a service or store took to be back. */
  slowestRestart: { name: string; ms: number } | null;
  /** Services that ended by themselves. */
  fell: readonly string[];
}

/** What a stack of a chaos run has beyond that of a rehearsal. */
export const chaosStack = {
  supervise: true,
  twoExecutors: true,
  env: { DISMISSALS_PER_CALL: String(dismissalsPerCall), CONCURRENCY: String(inHandMax) },
} as const satisfies Partial<StackOptions>;

/** A sender repeats a message that was not taken; ServiceNow's own patience is longer. */
const sendPatienceMs = 180_000;
const roundMs = 500;
const progressEveryMs = 10_000;

export async function chaos(stack: Stack, open: OpenScene, options: ChaosOptions): Promise<ChaosReport> {
  const { log, simulator, ingestUrl } = open.scene;
  const run = randomUUID().slice(0, 8);
  const sent: ChaosCase[] = [];
  const resting = new Set<string>();
  const strikes: Strike[] = [];
  const startedMs = Date.now();
  let feeding = true;
  let settling = true;

  async function feed(): Promise<void> {
    const deliveries: Promise<void>[] = [];
    for (let at = 0; at < options.cases; at += 1) {
      const cast = chaosCase(run, at);
      await simulator.loadTenant(cast.tenant, new Date());
      sent.push(cast);
      deliveries.push(deliver(ingestUrl, cast));
      const dueMs = startedMs + ((at + 1) * 1_000) / options.perSecond;
      await sleep(Math.max(0, dueMs - Date.now()));
    }
    await Promise.all(deliveries);
    feeding = false;
  }

  async function disrupt(): Promise<void> {
    const random = seeded(options.seed);
    for (const { name, sends, strike } of disruptions(stack, open, random)) {
      await sleep(options.pauseMs * (0.5 + random()));
      if (!feeding && strikes.length >= options.disruptionsMin) return;
      options.progress(name);
      const fromMs = Date.now();
      await strike();
      strikes.push({ name, sends, fromMs, untilMs: Date.now() });
    }
  }

  /** Looks at every case that is not at rest yet; an answer that does not come is asked for again. */
  async function watch(): Promise<void> {
    let toldMs = 0;
    while (settling) {
      for (const cast of sent.filter(({ caseId }) => !resting.has(caseId))) {
        try {
          const c = (await log.load(cast.caseId))?.case;
          if (c?.phase === 'voting') await answer(cast, log, simulator);
          if (c?.phase === 'closed' || c?.phase === 'inReview') {
            resting.add(cast.caseId);
            // Ten at once with the same detection would be a campaign.
            await simulator.forgetDetections(cast.subjectId);
          }
        } catch {
          // A store or the simulator is away for the moment: the next round asks again.
        }
      }
      if (Date.now() - toldMs > progressEveryMs) {
        toldMs = Date.now();
        options.progress(`${sent.length} cases have come in, ${resting.size} are at rest`);
      }
      await sleep(roundMs);
    }
  }

  const watching = watch();
  try {
    await Promise.all([feed(), disrupt()]);
    const settleFromMs = Date.now();
    while (resting.size < sent.length && Date.now() - settleFromMs < options.settleMs) await sleep(roundMs);
    const settledMs = Date.now() - settleFromMs;
    settling = false;
    await watching;
    const verdict = await judge(sent, log, simulator, strikes);
    const elapsedMs = Date.now() - startedMs;
    return {
      ...verdict,
      ...{ cases: sent.length, elapsedMs, settledMs },
      disruptions: counted(strikes.map(({ name }) => name)),
      slowestRestart: slowestOf(strikes),
      fell: stack.unexpectedExits(),
    };
  } finally {
    feeding = false;
    settling = false;
    await watching;
  }
}

function counted(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

function slowestOf(strikes: readonly Strike[]): ChaosReport['slowestRestart'] {
  const took = strikes.map(({ name, fromMs, untilMs }) => ({ name, ms: untilMs - fromMs }));
  return took.sort((a, b) => b.ms - a.ms)[0] ?? null;
}

async function deliver(ingestUrl: string, { message }: ChaosCase): Promise<void> {
  const deadlineMs = Date.now() + sendPatienceMs;
  for (;;) {
    try {
      await sendSigned(`${ingestUrl}/webhooks/tickets`, { ...message, secret: rehearsal.webhookSecret });
      return;
    } catch (error) {
      if (Date.now() > deadlineMs) throw error;
      await sleep(1_000);
    }
  }
}

/** @returns what is wrong, in words; empty where every promise was kept */
export function reasonsOf(report: ChaosReport): string[] {
  const { lost, duplicated, unapproved, notTerminal, wrong, fell } = report;
  const broken = { lost, duplicated, unapproved, 'not at rest': notTerminal, wrong, fell };
  return Object.entries(broken).flatMap(([what, cases]) =>
    cases.length > 0 ? [`${cases.length} ${what}: ${cases.slice(0, 5).join('; ')}`] : [],
  );
}
