import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import pc from 'picocolors';
import { Interrupted, untilInterrupted } from './interrupt';
import { onOwnStack } from './demo';
import { Progress } from './progress';

export const stackFile = '.sallyport/stack.json';

/** Starts everything and stays, for people to look around. Ends with Ctrl-C. @returns the exit code */
export async function start(queue: 'postgres' | 'redis'): Promise<number> {
  const progress = new Progress();
  try {
    await onOwnStack(queue, progress, async (stack) => {
      mkdirSync('.sallyport', { recursive: true });
      writeFileSync(stackFile, JSON.stringify(stack.info, null, 2), { mode: 0o600 });
      progress.clear();
      const { info } = stack;
      console.log(
        [
          '',
          pc.bold('Sallyport is running against a simulated tenant.'),
          '',
          `  Console and queues   ${pc.cyan(info.consoleUrl)}   sign in as Ivo (operator) or Sam (viewer)`,
          `  Teams (simulated)    ${pc.cyan(`${info.simulatorUrl}/teams-page`)}   click the cards; its certificate is self-signed`,
          `  Webhooks             ${info.ingestUrl}/webhooks/tickets`,
          `  Simulated tenant     ${info.simulatorUrl}   (certificate: ${info.caFile})`,
          `  Logs                 ${info.logs}`,
          '',
          `  These addresses are also in ${stackFile}. To have a card to click, in another terminal:`,
          `    npx sallyport scenario run --by-hand scenarios/vip-on-travel.yaml`,
          '',
          '  Ctrl-C stops everything.',
        ].join('\n'),
      );
      await untilInterrupted().promise;
    });
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    console.log('\nStopped.');
  } finally {
    rmSync(stackFile, { force: true });
  }
  return 0;
}
