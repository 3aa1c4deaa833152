import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { formatPolicies } from '@cedar-policy/cedar-wasm/nodejs';
import { parse } from 'yaml';
import { loadPack } from './pack';
import { packManifestSchema } from './pack-manifest';
import { basesSchema, checkTableCase, tableFacts, tableSchema } from './scenario-table';

const root = join(__dirname, '../../../policies');
const text = (...path: string[]) => readFileSync(join(root, ...path), 'utf8');
const bases = basesSchema.parse(parse(text('shared/bases.yaml')));

const read = (name: string, without = '') => {
  const manifest = packManifestSchema.parse(parse(text(name, 'pack.yaml')));
  const file = (path: string) => ({
    path: posix.join(name, path),
    text: text(name, path).replace(without, ''),
  });
  return loadPack({ name: manifest.name, files: manifest.rules.map(file), schema: file(manifest.schema) });
};
const tablesIn = (folder: string) =>
  ['ALLOW', 'DENY'].flatMap((kind) =>
    readdirSync(join(root, folder, kind)).flatMap((file) =>
      tableSchema
        .parse(parse(text(folder, kind, file)))
        .cases.map((row) => ({ where: `${folder}/${kind}/${file}`, row })),
    ),
  );

const packs = readdirSync(root).filter((name) => existsSync(join(root, name, 'pack.yaml')));
test('both shipped packs are among those that the tables are held to', () => {
  expect(packs).toEqual(expect.arrayContaining(['auto-low-risk', 'containment-first']));
});

describe.each(packs)('the pack %s', (name) => {
  const pack = read(name);
  const cases = [...tablesIn('shared'), ...tablesIn(name)];

  test('is named like its folder', () => expect(pack.name).toBe(name));

  test.each(cases.map(({ where, row }) => [where, row.name, row] as const))(
    '%s: %s',
    (_where, _name, row) => {
      expect(checkTableCase(row, bases, pack)).toEqual([]);
    },
  );

  test('has no rule that no table shows at work', () => {
    const shown = cases.flatMap(({ row: { expect: wanted } }) =>
      [wanted.contain, wanted.release, wanted.close].flatMap((ruling) => ruling?.rules ?? []),
    );
    expect([...pack.rules.keys()].filter((id) => !shown.includes(id))).toEqual([]);
  });

  test('has case names that tell cases apart', () => {
    const names = cases.map(({ where, row }) => `${where} ${row.name}`);
    expect(names.length).toBe(new Set(names).size);
  });
});

test.each(['@page("securityLead")\n', '@group("campaign")\n', '@review("true")\n'])(
  'a table notices that %j is gone',
  (annotation) => {
    const pack = read('containment-first', annotation);
    expect(pack.policySetHash).not.toBe(read('containment-first').policySetHash);
    expect(tablesIn('shared').flatMap(({ row }) => checkTableCase(row, bases, pack))).not.toEqual([]);
  },
);

test.each(Object.keys(bases))('the base %s is complete', (base) => {
  expect(tableFacts({ base, facts: {} }, bases)).not.toBeInstanceOf(Array);
});

test('a table that names no fact, no value or no base is told so', () => {
  expect(tableFacts({ base: 'new-device', facts: { isVipp: 'yes', isVip: 'Yes' } }, bases)).toEqual([
    'isVip is one of yes, no, unknown',
    'there is no fact isVipp',
  ]);
  expect(tableFacts({ base: 'nobody', facts: {} }, bases)).toEqual([
    expect.stringContaining('no base nobody'),
  ]);
  const circle = { a: { about: '', from: 'b', facts: {} }, b: { about: '', from: 'a', facts: {} } };
  expect(tableFacts({ base: 'a', facts: {} }, circle)).toEqual([expect.stringContaining('circle')]);
});

/** Each rule with the comment above it. */
const commented = (file: string) =>
  [...text(file).matchAll(/((?:^\/\/.*\n)*)^@id\("(.+)"\)/gm)].map(([, comment = '', id = '']) => ({
    id,
    comment,
  }));

const cedarFiles = ['shared', ...packs].flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((file) => file.endsWith('.cedar'))
    .map((file) => `${folder}/${file}`),
);
test.each(cedarFiles)('%s is formatted as the Cedar formatter would', (file) => {
  expect(formatPolicies({ policyText: text(file), lineWidth: 100, indentWidth: 2 })).toMatchObject({
    formatted_policy: text(file),
  });
});
test.each(cedarFiles)('%s says of each rule where it comes from', (file) => {
  const rules = commented(file);
  expect(rules.length).toBe(text(file).split('@id(').length - 1);
  expect(rules.filter(({ comment }) => !comment.includes('// Source: ')).map(({ id }) => id)).toEqual([]);
});
