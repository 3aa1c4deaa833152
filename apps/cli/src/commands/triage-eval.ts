import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { triageCases } from './triage-cases';

/**
 * The bundle of triage, beside ours. It evaluates by itself, with exactly the code that advises, and the key of the
 * model stays with the one service that holds it.
 */
const triageBundle = join(__dirname, '..', 'triage', 'main.js');

/** `sallyport triage …`. `exit` takes the exit code. */
export function triageCommand(exit: (code: number) => void, bundle = triageBundle): Command {
  const triage = new Command('triage').description('choose a model for advice, with evidence');
  // What cannot be understood is a mistake of the caller, like a file that cannot be used.
  triage.exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2));
  triage
    .command('eval <file...>')
    .description('score the model of MODEL_URL on labelled cases: agreement, grounding, injections')
    .option('--injections <file>', 'the texts to inject', 'apps/triage/corpus/injections.yaml')
    .option('--per-case <n>', 'how many of them per case', '8')
    .action(async (files: string[], options: { injections: string; perCase: string }) =>
      exit(await triageEval(bundle, files, options)),
    );
  triage
    .command('cases')
    .description('write closed cases with what people decided, as a file for eval (DATABASE_URL)')
    .action(async () => exit(await triageCases()));
  return triage;
}

async function triageEval(
  bundle: string,
  files: readonly string[],
  { injections, perCase }: { injections: string; perCase: string },
): Promise<number> {
  if (!existsSync(bundle)) {
    console.error('Build first: npm run build. In the images: node main.js eval, in the one of triage.');
    return 2;
  }
  const args = [bundle, 'eval', ...files, '--injections', injections, '--per-case', perCase];
  const child = spawn(process.execPath, args, { stdio: 'inherit', env: process.env });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}
