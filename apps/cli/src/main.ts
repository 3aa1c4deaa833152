import 'reflect-metadata';
import { ConfigError, configExitCode } from '@sallyport/service';
import { ScenarioError } from '@sallyport/scenario';
import { Command, CommanderError, Option } from 'commander';
import { redisBinary } from '../../../tools/local-servers';
import { auditVerify } from './commands/audit-verify';
import { runChaos } from './commands/chaos';
import { demo } from './commands/demo';
import { Interrupted } from './commands/interrupt';
import { migrate } from './commands/migrate';
import { policyCommand } from './commands/policy';
import { runScenarios } from './commands/run-scenarios';
import { start } from './commands/start';
import { triageCommand } from './commands/triage-eval';

const queue = () =>
  new Option('--queue <backend>', 'where the queues live').choices(['postgres', 'redis']).default('postgres');
const exit = (code: number) => {
  process.exitCode = code;
};

const program = new Command('sallyport').description(
  'The gate between AI, the service desk and Microsoft Entra ID',
);
program
  .command('demo')
  .description('play the demo cases against a simulated tenant and compare')
  .addOption(queue())
  .action(async (options) => exit(await demo(options.queue)));
program
  .command('start')
  .description('run everything against a simulated tenant until Ctrl-C')
  .addOption(queue())
  .action(async (options) => exit(await start(options.queue)));
program
  .command('chaos')
  .description('feed cases to a stack of its own while everything fails, and judge the end')
  .addOption(queue().default(redisBinary() ? 'redis' : 'postgres', 'redis where there is a redis-server'))
  .option('--cases <number>', 'how many cases', Number, 500)
  .option('--rate <number>', 'cases per second', Number, 2)
  .option('--seed <number>', 'chooses what fails when', Number, 1)
  .action(async (options) => exit(await runChaos(options)));
program
  .command('migrate')
  .description('bring the database up to date (DATABASE_OWNER_URL, DATABASE_URL)')
  .action(async () => exit(await migrate()));
program
  .command('scenario')
  .description('rehearse scenario files')
  .command('run <file...>')
  .description('play scenario files on the running stack, or on one of its own')
  .addOption(queue())
  .option('--by-hand', 'leave the votes to people, who click on the simulated Teams page')
  .action(async (files: string[], options) => exit(await runScenarios(files, options)));
program
  .command('audit')
  .description('look after the case log')
  .command('verify')
  .description('check the hash chain of every case (DATABASE_URL)')
  .action(async () => exit(await auditVerify()));

program.addCommand(policyCommand(exit));
program.addCommand(triageCommand(exit));

program.parseAsync().catch((error: unknown) => {
  // What is wrong with the command line was told, and its exit code is set.
  if (error instanceof CommanderError) return;
  if (error instanceof Interrupted) {
    console.error(`\n${error.message}; everything was stopped.`);
    process.exitCode = 130;
  } else if (error instanceof ConfigError || error instanceof ScenarioError) {
    console.error(error.message);
    process.exitCode = error instanceof ConfigError ? configExitCode : 2;
  } else {
    console.error(error instanceof Error ? (error.stack ?? error.message) : error);
    process.exitCode = 1;
  }
});
