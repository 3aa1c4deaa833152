import { existsSync, readFileSync } from 'node:fs';
import { passed, runScenario, type ScenarioResult } from '../rehearse/run-scenario';
import { type OpenScene, sceneOf, sceneOn } from '../rehearse/scene';
import type { StackInfo } from '../stack/stack';
import { onOwnStack } from './demo';
import { Progress } from './progress';
import { printStory, printTable } from './report';
import { stackFile } from './start';

/** Runs scenario files one after the other, on the running stack or on one of its own. @returns the exit code */
export async function runScenarios(
  files: readonly string[],
  { queue, byHand }: { queue: 'postgres' | 'redis'; byHand?: boolean },
): Promise<number> {
  const progress = new Progress();
  const play = async ({ scene, close }: OpenScene): Promise<ScenarioResult[]> => {
    const results: ScenarioResult[] = [];
    try {
      for (const file of files)
        results.push(
          await runScenario(scene, file, {
            byHand: byHand ?? false,
            progress: (message) => progress.say(message),
          }),
        );
    } finally {
      await close();
    }
    return results;
  };
  const running = runningStack();
  const results = running
    ? await play(await sceneOf(running, readFileSync(running.caFile, 'utf8')))
    : await onOwnStack(queue, progress, async (stack) =>
        play(await sceneOn(stack, readFileSync(stack.info.caFile, 'utf8'))),
      );
  progress.clear();
  for (const result of results) printStory(result);
  printTable(results);
  return results.every(passed) ? 0 : 1;
}

function runningStack(): StackInfo | null {
  if (!existsSync(stackFile)) return null;
  const info = JSON.parse(readFileSync(stackFile, 'utf8')) as StackInfo;
  const alive = Object.values(info.pids).every((pid) => isAlive(pid));
  return alive ? info : null;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
