import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { z } from 'zod';

const root = join(__dirname, '..', '..');
const fixtures = join(__dirname, 'fixtures');
/** Loading ESLint and Nx's project graph takes 3 s on an idle machine. */
const lintTimeoutMs = 180_000;

const foundSchema = z.array(
  z.object({
    file: z.string(),
    messages: z.array(z.object({ line: z.int(), ruleId: z.string() })),
  }),
);
type Found = Map<string, string[]>;

function filesIn(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort();
}

/** What ESLint says, as `line rule` per file, with the repository's own configuration. */
function lint(files: readonly string[]): Found {
  const out = execFileSync(process.execPath, [join(__dirname, 'lint.mjs'), ...files], {
    cwd: root,
    encoding: 'utf8',
    timeout: lintTimeoutMs,
  });
  const found = foundSchema.parse(JSON.parse(out.slice(out.indexOf('[{'))));
  return new Map(
    found.map(({ file, messages }) => [file, messages.map(({ line, ruleId }) => `${line} ${ruleId}`)]),
  );
}

/** The lines of a fixture that end in `✗ rule`. */
function marked(file: string): string[] {
  return readFileSync(join(root, file), 'utf8')
    .split('\n')
    .flatMap((text, at) => {
      const rule = /\/\/ ✗ (\S+)$/.exec(text)?.[1];
      return rule ? [`${at + 1} ${rule}`] : [];
    });
}

const pure = filesIn(join(fixtures, 'pure'));
const boundaries = filesIn(join(fixtures, 'boundaries'));
/** A boundaries fixture is linted as if it stood where its path says, e.g. in `libs/case/src`. */
const standingAt = (file: string) =>
  relative(join('tools', 'lint', 'fixtures', 'boundaries'), file)
    .split(sep)
    .join('/');
const sources = ['evidence', 'idempotency', 'case'].flatMap((lib) => filesIn(join(root, 'libs', lib, 'src')));

describe('the lint rules that guard the design', () => {
  let found: Found;
  beforeAll(() => {
    found = lint([...pure, ...boundaries.map((file) => `${file}=${standingAt(file)}`), ...sources]);
  }, lintTimeoutMs);

  it.each(pure)('purity: %s breaks the rule on every marked line and on no other', (file) => {
    expect(marked(file).length).toBeGreaterThan(0);
    expect(found.get(file)).toEqual(marked(file));
  });

  it.each(boundaries)('layers: %s breaks the rule on every marked line and on no other', (file) => {
    expect(marked(file).length).toBeGreaterThan(0);
    expect(found.get(file)).toEqual(marked(file));
  });

  it('the contract, the keys and the case break none of them', () => {
    expect(sources).toContain(join('libs', 'case', 'src', 'fold.ts'));
    expect(sources.filter((file) => found.get(file)?.length !== 0)).toEqual([]);
  });
});
