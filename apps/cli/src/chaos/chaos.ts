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
import type { Stack } from '../stack/stack';
import { type ChaosCase, chaosCase } from './cast';
import { disruptions, seeded } from './disruptions';
import { answer } from './people';
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

/** A sender repeats a message that was not taken; ServiceNow's own patience is longer. */
const sendPatienceMs = 180_000;
const roundMs = 500;
const progressEveryMs = 10_000;

export async function chaos(stack: Stack, open: OpenScene, options: ChaosOptions): Promise<ChaosReport> {
  const { log, simulator, ingestUrl } = open.scene;
  const run = randomUUID().slice(0, 8);
  const sent: ChaosCase[] = [];
  const resting = new Set<string>();
  const counts: Record<string, number> = {};
  const startedMs = Date.now();
  let slowestRestart: ChaosReport['slowestRestart'] = null;
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
    let struck = 0;
    for (const { name, strike } of disruptions(stack, open, random)) {
      await sleep(options.pauseMs * (0.5 + random()));
      if (!feeding && struck >= options.disruptionsMin) return;
      struck += 1;
      options.progress(name);
      const beganMs = Date.now();
      await strike();
      counts[name] = (counts[name] ?? 0) + 1;
      const ms = Date.now() - beganMs;
      if (ms > (slowestRestart?.ms ?? -1)) slowestRestart = { name, ms };
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
    const verdict = await judge(sent, log, simulator);
    const elapsedMs = Date.now() - startedMs;
    const fell = stack.unexpectedExits();
    return {
      ...verdict,
      cases: sent.length,
      elapsedMs,
      settledMs,
      disruptions: counts,
      slowestRestart,
      fell,
    };
  } finally {
    feeding = false;
    settling = false;
    await watching;
  }
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
  const { lost, duplicated, unapproved, notTerminal, wrong } = report;
  return Object.entries({ lost, duplicated, unapproved, 'not at rest': notTerminal, wrong }).flatMap(
    ([what, cases]) => (cases.length > 0 ? [`${cases.length} ${what}: ${cases.slice(0, 5).join('; ')}`] : []),
  );
}
