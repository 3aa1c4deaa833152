#!/usr/bin/env node
/** `npx sallyport …` in a checkout: the built command-line program. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const main = join(import.meta.dirname, '..', 'dist', 'apps', 'cli', 'main.js');
if (!existsSync(main)) {
  console.error('Sallyport is not built yet. Run `npm run build` once.');
  process.exit(1);
}
const child = spawn(process.execPath, ['--enable-source-maps', main, ...process.argv.slice(2)], {
  stdio: 'inherit',
});
// The child stops what it has started; this process passes signals on and waits for it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
