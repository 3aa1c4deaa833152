import { setFlagsFromString } from 'node:v8';
import { CaseLogDamaged } from '@sallyport/case-log';
import { PackError, SearchTooLarge } from '@sallyport/policy';
import { ConfigError } from '@sallyport/service';
import { Command, InvalidArgumentError } from 'commander';
import { type BacktestOptions, EmptyTime, policyBacktest } from './policy-backtest';
import { CaseLogClosed } from './policy-cases';
import { policyCheck } from './policy-check';
import { policyExplain } from './policy-explain';
import { policyFmt } from './policy-fmt';
import { policiesDir, PolicyProblems } from './policy-folder';
import { policyProve } from './policy-prove';
import { policyTest } from './policy-test';

/** What is told in a line and needs no stack. */
const expected = [PolicyProblems, PackError, SearchTooLarge, CaseLogDamaged, CaseLogClosed, EmptyTime];

const dirs = `folders of packs (default: each in ${policiesDir}/)`;
const exitCodes = `
Exit codes:
  0   all is well
  1   something was found: a refused pack, a failed case, a broken promise, a case to sign for
  2   the question could not be answered
  78  DATABASE_URL is not set or is none`;

/** `sallyport policy …`. `exit` takes the exit code: 0 well, 1 something found, 2 the question could not be answered. */
export function policyCommand(exit: (code: number) => void): Command {
  const answered = async (answer: () => number | Promise<number>): Promise<void> => {
    // These commands ask the engine thousands of times; see libs/policy/jest.setup.cjs.
    setFlagsFromString('--no-turbo-inline-js-wasm-calls');
    try {
      exit(await answer());
    } catch (error) {
      // A variable that is wrong has an exit code of its own.
      if (error instanceof ConfigError) throw error;
      const isExpected = expected.some((kind) => error instanceof kind);
      const { message, stack } = error instanceof Error ? error : new Error(String(error));
      console.error(isExpected ? message : `The question could not be answered: ${stack ?? message}`);
      exit(2);
    }
  };
  const policy = new Command('policy')
    .description('check, prove and rehearse policy packs')
    .addHelpText('afterAll', exitCodes)
    .exitOverride((error) => {
      exit(error.exitCode === 0 ? 0 : 2);
      throw error;
    });
  policy
    .command('check')
    .argument('[dir...]', dirs)
    .description('say everything that is wrong with packs, with file, line and remedy')
    .action((dirs: string[]) => answered(() => policyCheck(dirs)));
  policy
    .command('fmt')
    .argument('[dir...]', dirs)
    .description('format the rules of packs')
    .option('--check', 'change nothing, and fail where something would be changed')
    .action((dirs: string[], options: { check?: boolean }) =>
      answered(() => policyFmt(dirs, options.check === true)),
    );
  policy
    .command('test')
    .argument('[dir...]', dirs)
    .description('run the tables ALLOW and DENY of packs')
    .action((dirs: string[]) => answered(() => policyTest(dirs)));
  policy
    .command('prove')
    .argument('[dir...]', dirs)
    .description('prove the invariants of packs for every combination of facts')
    .action((dirs: string[]) => answered(() => policyProve(dirs)));
  policy
    .command('explain')
    .argument('<case>', 'the id of a case (case-…), which the console has in its address')
    .description('say why a case was decided so, and what would have changed it (DATABASE_URL)')
    .option('--pack <dir>', 'the pack to explain with, instead of the one of that name in policies/')
    .action((caseId: string, options: { pack?: string }) => answered(() => policyExplain(caseId, options)));
  policy
    .command('backtest')
    .description('decide recorded cases again under a changed pack (DATABASE_URL)')
    .requiredOption('--from <time>', 'decisions from here, e.g. 2026-07-01', instant)
    .requiredOption('--to <time>', 'decisions before here', instant)
    .requiredOption('--pack <dir>', 'the folder of the changed pack')
    .option('--sign-off <file>', 'YAML with the cases whose release somebody answers for: policies/README.md')
    .action((options: BacktestOptions) => answered(() => policyBacktest(options)));
  return policy;
}

/** ISO 8601 only; a bare date is midnight UTC. Other forms would be read in the time zone of the machine. */
function instant(text: string): Date {
  const isIso = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?Z)?$/.test(text);
  const at = new Date(text);
  if (!isIso || Number.isNaN(at.getTime()))
    throw new InvalidArgumentError('write 2026-07-01 or 2026-07-01T12:00:00Z');
  return at;
}
