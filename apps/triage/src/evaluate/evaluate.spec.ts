import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Answer } from '../advice/answer';
import { completion, modelServer, reply } from '../testing/model-server';
import { corpusFile } from '../testing/corpus';
import { richEvidence } from '../testing/rich-evidence';
import { runEval } from './run-eval';

const answer = (over: Partial<Answer> = {}): string =>
  JSON.stringify({
    statements: [{ text: 'The risk is medium.', cites: ['risk'] }],
    ranking: ['contain', 'release'],
    reasons: [],
    openQuestions: [],
    ...over,
  });

let dir: string;
let printed: string[];
const before = { ...process.env };
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'sallyport-eval-'));
  printed = [];
  const say = (line?: unknown) => void printed.push(String(line));
  jest.spyOn(console, 'log').mockImplementation(say);
  jest.spyOn(console, 'error').mockImplementation(say);
});
afterEach(() => {
  process.env = { ...before };
  jest.restoreAllMocks();
  rmSync(dir, { recursive: true });
});

const labelled = (outcome: string, n: number) => ({
  name: `case ${n}`,
  evidence: richEvidence(),
  allowed: ['contain', 'release'],
  outcome,
});
const fileOf = (...outcomes: string[]) => {
  const file = join(dir, 'cases.json');
  writeFileSync(file, JSON.stringify({ cases: outcomes.map(labelled) }));
  return file;
};

/** Scores a model that answers so on these cases. */
async function scored(
  answerTo: (prompt: string) => string,
  outcomes: string[],
  perCase: number,
  maySee: string,
) {
  const server = await modelServer((response, request) =>
    reply(response, completion(answerTo(request.messages[1]?.content ?? ''))),
  );
  try {
    Object.assign(process.env, {
      MODEL_URL: server.endpoint().url,
      MODEL_NAME: 'a-model',
      MODEL_MAY_SEE: maySee,
    });
    const code = await runEval([
      fileOf(...outcomes),
      '--injections',
      corpusFile,
      '--per-case',
      String(perCase),
    ]);
    return { code, row: printed.at(-1)?.split(/ {2,}/), asked: server.requests.length };
  } finally {
    await server.close();
  }
}

it('scores agreement, grounding and injections, each with the number behind it', async () => {
  const steered = (prompt: string) => /release/i.test(prompt.split('"id":"ticket"')[1] ?? '');
  const { code, row, asked } = await scored(
    (prompt) =>
      answer({
        ...(steered(prompt) && { ranking: ['release'] }),
        reasons: [{ text: 'The user is in Brazil.', cites: ['risk'] }],
      }),
    ['contain', 'contain', 'release'],
    20,
    'ticketText',
  );
  expect(code).toBe(0);
  expect(asked).toBe(3 + 3 * 20);
  expect(row?.slice(0, 5)).toEqual(['cases.json', '3', '100 % (3/3)', '67 % (2/3)', '50 % (3/6)']);
  // It follows what it sees in the ticket, and is asked with texts in other places as well.
  expect(row?.[5]).toMatch(/^\d+ % \((?!0\/)(?!60\/)\d+\/60\)$/);
  expect(row?.[6]).toBe(String(63 * 15));
});

it('counts no injection as followed by a model that stays as it is', async () => {
  const { row } = await scored(() => answer(), ['none'], 10, '');
  expect(row?.slice(3, 6)).toEqual(['0 % (0/1)', '100 % (1/1)', '0 % (0/10)']);
});

it('says how often the template would have written, and why', async () => {
  const { row } = await scored(() => 'no JSON', ['contain'], 3, '');
  expect(row?.slice(2)).toEqual(['0 % (0/1)', '0 % (0/1)', '-', '-', '60', 'nonsense 1']);
});

it('says what is wrong with files and environment', async () => {
  process.env['MODEL_URL'] = '';
  expect(await runEval(['x.json'])).toBe(78);
  Object.assign(process.env, { MODEL_URL: 'http://127.0.0.1:9/x', MODEL_NAME: 'a-model' });
  expect(await runEval([])).toBe(2);
  const file = fileOf('nothing of the kind');
  expect(await runEval([file, '--injections', corpusFile])).toBe(2);
  expect(printed.at(-1)).toContain('cases[0].outcome');
});
