import { readFileSync } from 'node:fs';
import pc from 'picocolors';
import { passed, runScenario, type ScenarioResult } from '../rehearse/run-scenario';
import { sceneOn } from '../rehearse/scene';
import { Stack, type StackOptions } from '../stack/stack';
import { Progress } from './progress';
import { printDifferences, printStory, printTable } from './report';
import { untilInterrupted } from './interrupt';

/** The demo's cases, in the order in which they are told. They run side by side. */
const demoScenarios = [
  'vip-on-travel',
  'false-positive-after-new-device',
  'self-remediated',
  'privileged-account',
  'dismissal-answers-504',
  'injected-ticket-text',
];

/** Plays the demo cases on a stack of its own. @returns the exit code */
export async function demo(queue: 'postgres' | 'redis'): Promise<number> {
  const progress = new Progress();
  progress.say('Sallyport: six cases against a simulated tenant, every service a process of its own');
  const results = await onOwnStack(queue, progress, async (stack) => {
    const { scene, close } = await sceneOn(stack, readFileSync(stack.info.caFile, 'utf8'));
    try {
      return await Promise.all(
        demoScenarios.map((name) =>
          runScenario(scene, `scenarios/${name}.yaml`, {
            progress: (message) => progress.say(`${name}: ${message}`),
          }),
        ),
      );
    } finally {
      await close();
    }
  });
  progress.clear();
  for (const result of results) printStory(result);
  printTable(results);
  const failed = results.find((result) => !passed(result));
  if (!failed) {
    console.log(`\nEvery case ended as it must. ${pc.dim('Run `npm start` to click the cards yourself.')}`);
    return 0;
  }
  console.log(pc.red(`\nThe first difference is in “${failed.scenario.name}”:`));
  printDifferences(failed);
  return 1;
}

/** Starts a stack, uses it, and leaves no process behind, also on Ctrl-C. */
export async function onOwnStack<T>(
  queue: 'postgres' | 'redis',
  progress: Progress,
  use: (stack: Stack) => Promise<T>,
  more: Partial<StackOptions> = {},
): Promise<T> {
  const interrupted = untilInterrupted();
  const starting = Stack.start({ queue, progress: (message) => progress.say(message), ...more });
  try {
    const stack = await Promise.race([starting, interrupted.promise]);
    return await Promise.race([use(stack), interrupted.promise]);
  } finally {
    interrupted.forget();
    await (await starting.catch(() => undefined))?.stop();
  }
}

export type { ScenarioResult };
