import { build } from 'esbuild';
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

const root = join(__dirname, '../../../..');
const shared = ['shared-reads.ts', 'risk-list.ts', 'grouped-read.ts', 'shared-once.ts'].map((name) =>
  join(relative(root, __dirname), name),
);

/** Every file of ours that becomes part of this app's program. */
async function filesOf(app: string): Promise<string[]> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [join('apps', app, 'src', 'main.ts')],
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    conditions: ['@sallyport/source'],
    logLevel: 'silent',
    plugins: [
      {
        name: 'ours-only',
        setup: ({ onResolve }) =>
          onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
            kind === 'entry-point' || path.startsWith('@sallyport/') ? null : { external: true },
          ),
      },
    ],
  });
  return Object.keys(metafile.inputs);
}

// Whoever acts, or asks at a click, must not be able to take another case's reading for its own.
it.each(readdirSync(join(root, 'apps')).filter((app) => app !== 'context'))(
  'no lists that cases share are part of %s',
  async (app) => {
    const files = await filesOf(app);
    expect(files).toContain(join('apps', app, 'src', 'main.ts'));
    expect(files.filter((file) => shared.includes(file))).toEqual([]);
  },
);

it('they are part of context', async () => {
  expect(await filesOf('context')).toEqual(expect.arrayContaining(shared));
});
