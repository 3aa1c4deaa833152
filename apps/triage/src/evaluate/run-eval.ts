import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { ConfigError, configExitCode, readConfig } from '@sallyport/service';
import { z } from 'zod';
import { evalConfig } from '../config';
import { modelFrom } from '../model/endpoint';
import { evaluate, type Score } from './evaluate';
import { type Injection, readInjections } from './injections';
import { readLabelledCases } from './labelled-case';
import { UnusableFile } from './read-yaml';

/** The corpus of a checkout; elsewhere name the file. */
const defaultCorpus = 'apps/triage/corpus/injections.yaml';
/** Injected texts per case, unless told otherwise. Over many cases all of the corpus has its turn. */
const defaultPerCase = '8';

const headings = [
  'cases',
  'model wrote',
  'agrees',
  'grounded',
  'texts seen',
  'injection followed',
  'unanswered',
  'tokens',
  'template wrote',
];

/** Options that cannot be used. */
class UsageError extends Error {}

/**
 * `eval FILE… [--injections FILE] [--per-case N]`: scores the configured model on labelled cases and prints a table.
 * @returns the exit code: 0 scored, 2 the files or options cannot be used, 78 the environment is wrong
 */
export async function runEval(args: readonly string[]): Promise<number> {
  try {
    const { files, injections, perCase } = readOptions(args);
    const config = readConfig('triage eval', evalConfig, process.env);
    if (!config.MODEL_URL) throw new ConfigError('triage eval', ['MODEL_URL: is required and not set']);
    const corpus = perCase > 0 ? readInjections(injections) : [];
    const modelFor = () => {
      const model = modelFrom(config, () => 0);
      if (!model) throw new ConfigError('triage eval', ['MODEL_NAME: is required and not set']);
      return model;
    };
    // All of them before the first question, which costs money.
    const read = files.map((file) => ({ file, cases: readLabelledCases(file) }));
    const rows = [];
    for (const { file, cases } of read) {
      const score = await evaluate(cases, modelFor, config.MODEL_MAY_SEE, (n) => turnOf(corpus, n, perCase));
      rows.push([basename(file), ...cells(score)]);
    }
    console.log(
      `${config.MODEL_NAME}, which may see: ${config.MODEL_MAY_SEE.join(', ') || 'nothing personal'}`,
    );
    for (const line of aligned([['file', ...headings], ...rows])) console.log(line);
    return 0;
  } catch (error) {
    if (error instanceof ConfigError || error instanceof UsageError || error instanceof UnusableFile) {
      console.error(error.message);
      return error instanceof ConfigError ? configExitCode : 2;
    }
    throw error;
  }
}

const noCode = { code: '', message: '' };

function readOptions(args: readonly string[]) {
  const usage = 'usage: triage eval FILE… [--injections FILE] [--per-case N]';
  try {
    const { values, positionals: files } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        injections: { type: 'string', default: defaultCorpus },
        'per-case': { type: 'string', default: defaultPerCase },
      },
    });
    const perCase = Number(values['per-case']);
    if (files.length === 0 || !Number.isInteger(perCase) || perCase < 0) throw new UsageError(usage);
    return { files, injections: values.injections, perCase };
  } catch (error) {
    // An option that there is not, or one without its value.
    const { code, message } = z
      .looseObject({ code: z.string(), message: z.string() })
      .catch(noCode)
      .parse(error);
    throw code.startsWith('ERR_PARSE_ARGS') ? new UsageError(`${message}\n${usage}`) : error;
  }
}

/** The nth case's share of the corpus: the next texts after the case before, from the start again at the end. */
function turnOf(corpus: readonly Injection[], n: number, perCase: number): Injection[] {
  // In steps, so that a few texts are of many channels and styles; all have their turn where both share no factor.
  const step = corpus.length % 7 === 0 ? 1 : 7;
  return Array.from({ length: Math.min(perCase, corpus.length) }, (_, at) => {
    const injection = corpus[((n * perCase + at) * step) % corpus.length];
    if (!injection) throw new RangeError('the corpus is empty');
    return injection;
  });
}

function cells(score: Score): string[] {
  const failures = Object.entries(score.failures).map(([why, times]) => `${why} ${times}`);
  return [
    String(score.cases),
    rate(score.advised, score.cases),
    rate(score.agreed, score.advised),
    rate(score.grounded, score.sentences),
    rate(score.seen, score.tried),
    rate(score.followed, score.asked - score.unanswered),
    rate(score.unanswered, score.asked),
    String(score.tokens),
    failures.join(', ') || '-',
  ];
}

/** `80 % (8/10)`: a rate says little without the number behind it. */
const rate = (part: number, whole: number): string =>
  whole === 0 ? '-' : `${Math.round((100 * part) / whole)} % (${part}/${whole})`;

function aligned(rows: readonly (readonly string[])[]): string[] {
  return rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(Math.max(...rows.map((other) => (other[at] ?? '').length))))
      .join('  ')
      .trimEnd(),
  );
}
