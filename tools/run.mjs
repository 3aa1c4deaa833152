/**
 * `npm run demo`, `npm start` and `npm test` on a fresh clone: installs and builds what is out of date, then runs.
 * Plain Node with nothing installed, because it is what installs.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
process.chdir(root);
const [task, ...rest] = process.argv.slice(2);

const run = (command, args, options = {}) => {
  const { status, signal, error } = spawnSync(command, args, { stdio: 'inherit', ...options });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? (signal === 'SIGINT' ? 130 : 1));
};

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Sallyport needs Node 20.19 or later; this is ${process.versions.node}.`);
  process.exit(1);
}

install();
switch (task) {
  case 'demo':
  case 'start':
    build();
    run(process.execPath, ['--enable-source-maps', 'dist/apps/cli/main.js', task, ...rest]);
    break;
  case 'test':
    run(process.execPath, ['tools/test.mjs', ...rest]);
    break;
  default:
    console.error('usage: node tools/run.mjs demo | start | test');
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
  run('npm', ['ci', '--no-audit', '--no-fund'], { shell: process.platform === 'win32' });
  mkdirSync('node_modules', { recursive: true });
  writeFileSync(stampFile, stamp);
}

/** Nx builds what has changed and takes the rest from its cache. */
function build() {
  run(
    process.execPath,
    ['node_modules/nx/bin/nx.js', 'run-many', '-t', 'build', '--output-style', 'stream', '--parallel', '2'],
    {
      env: { ...process.env, NX_TUI: 'false' },
      stdio: ['ignore', process.env.CI ? 'inherit' : 'ignore', 'inherit'],
    },
  );
}
