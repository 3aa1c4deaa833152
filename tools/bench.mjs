/**
 * `npm run bench -- <name> [options]`: bundles tools/bench/<name>.ts and runs it. Measurements are ratios within one
 * run, for people to read; no test depends on them.
 */
import { build } from 'esbuild';
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

process.chdir(join(import.meta.dirname, '..'));
const [name = '', ...options] = process.argv.slice(2);
const entry = join('tools', 'bench', `${name}.ts`);
if (!/^[a-z-]+$/.test(name) || !existsSync(entry)) {
  const names = readdirSync(join('tools', 'bench')).filter((file) => file.endsWith('.ts'));
  console.error(`usage: npm run bench -- ${names.map((file) => file.slice(0, -3)).join(' | ')} [options]`);
  process.exit(2);
}

const outfile = join('dist', 'bench', `${name}.js`);
await build({
  entryPoints: [entry],
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  sourcemap: 'linked',
  conditions: ['@sallyport/source'],
  logLevel: 'warning',
  plugins: [
    {
      // Packages stay where npm put them; only our own code is bundled.
      name: 'own-code-only',
      setup({ onResolve }) {
        onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
          path.startsWith('@sallyport/') || kind === 'entry-point' ? undefined : { path, external: true },
        );
      },
    },
  ],
});
const child = spawn(process.execPath, ['--enable-source-maps', outfile, ...options], { stdio: 'inherit' });
child.on('exit', (code) => process.exit(code ?? 1));
