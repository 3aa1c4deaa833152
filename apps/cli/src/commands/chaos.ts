import { readFileSync } from 'node:fs';
import pc from 'picocolors';
import { chaos, chaosStack, type ChaosReport, reasonsOf } from '../chaos/chaos';
import { sceneOn } from '../rehearse/scene';
import { onOwnStack } from './demo';
import { Progress } from './progress';

export interface ChaosArguments {
  queue: 'postgres' | 'redis';
  cases: number;
  rate: number;
  seed: number;
}

/** After the last case came in. Eight attempts of a stage take two minutes; several can follow each other. */
const settleMs = 8 * 60_000;

/** `npm run chaos`. @returns 0 where every promise was kept, else 1 */
export async function runChaos({ queue, cases, rate, seed }: ChaosArguments): Promise<number> {
  const progress = new Progress();
  const say = (message: string) => progress.say(message);
  say(`${cases} cases, ${rate} a second, queues on ${queue}, seed ${seed}`);
  const report = await onOwnStack(
    queue,
    progress,
    async (stack) => {
      const open = await sceneOn(stack, readFileSync(stack.info.caFile, 'utf8'));
      try {
        const bounds = { pauseMs: 3_000, disruptionsMin: 24, settleMs };
        const options = { cases, perSecond: rate, seed, ...bounds, progress: say };
        return await chaos(stack, open, options);
      } finally {
        await open.close();
      }
    },
    chaosStack,
  );
  progress.clear();
  print(report);
  const reasons = reasonsOf(report);
  for (const reason of reasons) console.log(pc.red(`✘ ${reason}`));
  if (reasons.length === 0) console.log(pc.green('✔ Every promise was kept.'));
  return reasons.length === 0 ? 0 : 1;
}

function print(report: ChaosReport): void {
  const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;
  const { slowest, slowestRestart } = report;
  console.log(
    `\n${report.cases} cases in ${seconds(report.elapsedMs)}; at rest ${seconds(report.settledMs)} after the last one came in.`,
  );
  console.log(
    [
      `${report.lost.length} lost`,
      `${report.duplicated.length} duplicated`,
      `${report.unapproved.length} unapproved`,
      `${report.notTerminal.length} not at rest`,
      `${report.wrong.length} otherwise wrong`,
    ].join(', '),
  );
  console.log('\nHow they ended:');
  for (const [end, count] of Object.entries(report.ends).sort()) console.log(`  ${end.padEnd(28)} ${count}`);
  console.log('\nWhat went wrong on the way:');
  for (const [name, count] of Object.entries(report.disruptions).sort())
    console.log(`  ${name.padEnd(40)} ${count}`);
  console.log(`  services that ended by themselves        ${report.fell.length}`);
  if (slowestRestart)
    console.log(`\nSlowest restart: ${slowestRestart.name}, back after ${seconds(slowestRestart.ms)}.`);
  if (slowest)
    console.log(
      `Slowest recovery: ${slowest.caseId} stood still for ${seconds(slowest.ms)} before ${slowest.before}.\n`,
    );
}
