/** `sallyport triage eval` as people call it, down to a model over HTTP. Needs the bundles: `npm test` builds them first. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { evidence } from '@sallyport/evidence/testing';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { triageCommand } from './triage-eval';

const bundle = join(__dirname, '../../../../dist/apps/triage/main.js');
const before = { ...process.env };
let dir: string;
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'sallyport-eval-'))));
afterEach(() => {
  process.env = { ...before };
  rmSync(dir, { recursive: true });
});

/** @returns the exit code */
async function called(args: string[], at = bundle): Promise<number | undefined> {
  let exit: number | undefined;
  await triageCommand((code) => (exit = code), at).parseAsync(['eval', ...args], { from: 'user' });
  return exit;
}

it('asks the model about each case and with texts of the corpus, and ends with 0', async () => {
  if (!existsSync(bundle)) throw new Error('Build first: npm run build');
  const statements = [{ text: 'The risk is medium.', cites: ['risk'] }];
  const content = JSON.stringify({ statements, ranking: [], reasons: [], openQuestions: [] });
  let asked = 0;
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      asked += 1;
      const choices = [{ finish_reason: 'stop', message: { content } }];
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ choices }));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    const file = join(dir, 'cases.json');
    const labelled = { name: 'case 1', evidence: evidence(), allowed: ['release'], outcome: 'none' };
    writeFileSync(file, JSON.stringify({ cases: [labelled] }));
    const corpus = join(__dirname, '../../../triage/corpus/injections.yaml');
    Object.assign(process.env, {
      MODEL_URL: `http://127.0.0.1:${port}/v1/chat/completions`,
      MODEL_NAME: 'a-model',
      MODEL_MAY_SEE: 'names,addresses,ticketText',
    });
    expect(await called([file, '--injections', corpus, '--per-case', '2'])).toBe(0);
    expect(asked).toBeGreaterThan(1);
    asked = 0;
    // No corpus is needed for none of its texts.
    expect(await called([file, '--injections', join(dir, 'none.yaml'), '--per-case', '0'])).toBe(0);
    expect(asked).toBe(1);
    expect(await called([join(dir, 'none.json'), '--per-case', '0'])).toBe(2);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}, 120_000);

it('says where it can be run where the bundle of triage is not beside it, as in the image of the command line', async () => {
  const told = jest.spyOn(console, 'error').mockImplementation(() => undefined);
  expect(await called(['cases.json'], join(dir, 'main.js'))).toBe(2);
  expect(told).toHaveBeenCalledWith(expect.stringMatching(/node main\.js eval, in the one of triage/));
  told.mockRestore();
});
