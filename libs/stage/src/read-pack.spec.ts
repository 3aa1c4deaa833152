import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PackError } from '@sallyport/policy';
import { readPack } from './read-pack';

const shipped = join(__dirname, '../../../policies');

describe.each(['containment-first', 'auto-low-risk'])('the shipped pack %s', (name) => {
  it('is read, validated and named', () => {
    const pack = readPack(join(shipped, name));
    expect(pack.name).toBe(name);
    expect(pack.policySetHash).toMatch(/^[0-9a-f]{64}$/);
    expect(pack.rules.size).toBeGreaterThan(10);
  });

  it('is read from a path relative to where the service runs', () => {
    const here = process.cwd();
    process.chdir(join(shipped, '..'));
    try {
      expect(readPack(`policies/${name}`).policySetHash).toBe(readPack(join(shipped, name)).policySetHash);
    } finally {
      process.chdir(here);
    }
  });
});

it('the shipped packs are different texts', () => {
  const hashes = ['containment-first', 'auto-low-risk'].map(
    (name) => readPack(join(shipped, name)).policySetHash,
  );
  expect(new Set(hashes).size).toBe(2);
});

describe('a pack of one’s own', () => {
  let root: string;
  let dir: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'sallyport-pack-'));
    cpSync(shipped, root, { recursive: true });
    dir = join(root, 'containment-first');
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const manifest = (text: string): void => writeFileSync(join(dir, 'pack.yaml'), text);

  it('has the same hash wherever it is installed', () => {
    expect(readPack(dir).policySetHash).toBe(readPack(join(shipped, 'containment-first')).policySetHash);
  });

  it('has another hash as soon as one character of a rule changes', () => {
    const file = join(root, 'shared/close.cedar');
    writeFileSync(file, `${readFileSync(file, 'utf8')}\n`);
    expect(readPack(dir).policySetHash).not.toBe(readPack(join(shipped, 'containment-first')).policySetHash);
  });

  it('that is missing is told by its path', () => {
    const nowhere = join(root, 'no-such-pack');
    expect(() => readPack(nowhere)).toThrow(
      `The policy pack cannot be read: ${join(nowhere, 'pack.yaml')} is missing`,
    );
  });

  it('that is called otherwise than its folder is refused: the name decides what may be released unasked', () => {
    manifest(readFileSync(join(dir, 'pack.yaml'), 'utf8').replace('containment-first', 'auto-low-risk'));
    expect(() => readPack(dir)).toThrow(
      'names the pack "auto-low-risk", and its folder is called "containment-first"',
    );
  });

  it('that is a file or holds a folder in place of a file is told by its path', () => {
    expect(() => readPack(join(root, 'shared/close.cedar'))).toThrow(
      /close\.cedar\/pack\.yaml cannot be opened \(ENOTDIR\)/,
    );
    rmSync(join(root, 'shared/close.cedar'));
    mkdirSync(join(root, 'shared/close.cedar'));
    expect(() => readPack(dir)).toThrow(/shared\/close\.cedar is no file, or too long/);
  });

  it.each(['shared/close.cedar', 'shared/schema.cedarschema', 'containment-first/release-low.cedar'])(
    'that lacks %s says so',
    (file) => {
      rmSync(join(root, file));
      expect(() => readPack(dir)).toThrow(`${join(root, file)} is missing`);
    },
  );

  it.each([
    ['is empty', '', /pack\.yaml is not a manifest/],
    ['is no YAML', 'name: [', /pack\.yaml is not a manifest:\n.*at line 1/],
    ['has no rules', 'name: mine\nschema: schema.cedarschema\nrules: []\n', /→ at rules/],
    ['has a key more', 'name: mine\nschema: a.cedarschema\nrules: [a.cedar]\nextends: x\n', /"extends"/],
    ['reads elsewhere', 'name: mine\nschema: ../../etc/a.cedarschema\nrules: [a.cedar]\n', /→ at schema/],
    ['reads from the root', 'name: mine\nschema: a.cedarschema\nrules: [/etc/a.cedar]\n', /→ at rules\[0\]/],
    [
      'reads other files',
      'name: mine\nschema: a.cedarschema\nrules: [../shared/passwd]\n',
      /→ at rules\[0\]/,
    ],
  ])('whose manifest %s is refused', (_title, text, message) => {
    manifest(text);
    expect(() => readPack(dir)).toThrow(message);
  });

  it('with a rule that is none is refused with file and line', () => {
    writeFileSync(
      join(dir, 'release-low.cedar'),
      '\npermit (principal, action, resource) when { nonsense };\n',
    );
    expect(() => readPack(dir)).toThrow(PackError);
    expect(() => readPack(dir)).toThrow(/containment-first\/release-low\.cedar:2: /);
  });
});
