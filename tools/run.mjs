/**
 * `npm run demo`, `npm start`, `npm run chaos` and `npm test` on a fresh clone: installs and builds what is out of date, then runs.
 * Plain Node with nothing installed, because it is what installs.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
process.chdir(root);
const [task, ...rest] = process.argv.slice(2);

/** Runs a program in our place: signals go on to it, and its end is ours. It stops what it has started. */
function become(args) {
  const child = spawn(process.execPath, args, { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
}

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Sallyport needs Node 20.19 or later; this is ${process.versions.node}.`);
  process.exit(1);
}

install();
build();
switch (task) {
  case 'demo':
  case 'start':
  case 'chaos':
    become(['--enable-source-maps', 'dist/apps/cli/main.js', task, ...rest]);
    break;
  case 'test':
    become(['tools/test.mjs', ...rest]);
    break;
  default:
    console.error('usage: node tools/run.mjs demo | start | chaos | test');
    process.exit(2);
}

/** `npm ci` when the lock file is not the one that was installed last. */
function install() {
  const stampFile = 'node_modules/.sallyport-installed';
  const stamp = createHash('sha256')
    .update(readFileSync('package-lock.json'))
    .update(process.versions.modules)
    .digest('hex');
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return;
  console.log('Installing the dependencies (once; about a minute) …');
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status !== 0) process.exit(status ?? 1);
  mkdirSync('node_modules', { recursive: true });
  writeFileSync(stampFile, stamp);
}

/** Nx builds what has changed and takes the rest from its cache. Its output is shown only where it fails. */
function build() {
  const started = Date.now();
  const nx = ['node_modules/nx/dist/bin/nx.js', 'run-many', '-t', 'build', '--parallel', '2'];
  const { status, stdout, stderr } = spawnSync(process.execPath, [...nx, '--output-style', 'static'], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status === 0) return console.log(`Built (${((Date.now() - started) / 1_000).toFixed(1)} s).`);
  console.error(stdout, stderr);
  process.exit(1);
}
