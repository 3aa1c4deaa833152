/**
 * `npm test`, once everything is built: types, lint, format, then every Jest project. Ends with one line that counts:
 * `N passed, N failed` (and `, N skipped` where a suite could not run here and said why).
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const node = (args, options = {}) =>
  spawnSync(process.execPath, args, { stdio: 'inherit', ...options }).status ?? 1;
const cached = (tool) => ['--cache', '--cache-location', `.nx/cache/${tool}`];
const checks = {
  types: ['node_modules/typescript-7/bin/tsc', '--noEmit', '-p', 'tsconfig.json'],
  lint: ['node_modules/eslint/bin/eslint.js', '.', '--max-warnings', '0', ...cached('eslint')],
  format: ['node_modules/prettier/bin/prettier.cjs', '--check', ...cached('prettier'), '.'],
};
let failedChecks = 0;
for (const [name, args] of Object.entries(checks)) {
  const started = Date.now();
  const status = node(args);
  console.log(`${status === 0 ? '✔' : '✘'} ${name} (${((Date.now() - started) / 1_000).toFixed(1)} s)`);
  if (status !== 0) failedChecks += 1;
}

const dir = mkdtempSync(join(tmpdir(), 'sallyport-test-'));
const report = join(dir, 'report.json');
// A third of the suites' time is waiting, for servers, queues and windows: one worker more than the smallest machine has cores.
const workers = ['--maxWorkers', '3'];
// Handed on to the workers. Plays make much that dies young, which V8's own 16 MB of room for it has collected too often.
const heap = ['--max-semi-space-size=64'];
const jest = [...heap, 'node_modules/jest/bin/jest.js', ...workers, '--json', '--outputFile', report];
node([...jest, ...process.argv.slice(2)], { stdio: ['ignore', 'ignore', 'inherit'] });
let result;
try {
  result = JSON.parse(readFileSync(report, 'utf8'));
} catch {
  console.error('Jest did not report.');
  finish(0, failedChecks + 1, 0);
} finally {
  rmSync(dir, { recursive: true, force: true });
}
// A suite that could not even be loaded has no tests to count, but it has failed.
const failed = result.numFailedTests + result.numRuntimeErrorTestSuites + failedChecks;
finish(result.numPassedTests, failed, result.numPendingTests);

function finish(passed, failed, skipped) {
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  process.exit(failed > 0 || passed === 0 ? 1 : 0);
}
