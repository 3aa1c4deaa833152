import { cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { policyCommand } from './policy';
import { policyCheck } from './policy-check';
import { policyFmt } from './policy-fmt';
import { policyProve } from './policy-prove';
import { policyTest } from './policy-test';

const shipped = join(__dirname, '../../../../policies');

describe('a folder of packs', () => {
  let root: string;
  let pack: string;
  let output: string[];
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'sallyport-policies-'));
    cpSync(shipped, root, { recursive: true });
    pack = join(root, 'containment-first');
    output = [];
    // What is tested are the words; whether there are colours depends on where it runs.
    const say = (line?: unknown) => void output.push(stripVTControlCharacters(String(line)));
    jest.spyOn(console, 'log').mockImplementation(say);
    jest.spyOn(console, 'error').mockImplementation(say);
  });
  afterEach(() => {
    jest.restoreAllMocks();
    rmSync(root, { recursive: true });
  });

  const change = (file: string, from: string, to: string) => {
    const path = join(root, file);
    const text = readFileSync(path, 'utf8');
    expect(text).toContain(from);
    writeFileSync(path, text.replace(from, to));
  };
  const said = () => output.join('\n');

  it('is in order as it is shipped', () => {
    expect(policyCheck([pack, join(root, 'auto-low-risk')])).toBe(0);
    expect(policyFmt([pack], true)).toBe(0);
    expect(policyTest([pack])).toBe(0);
    expect(policyProve([pack])).toBe(0);
    expect(said()).toContain('0 broken');
  });

  it.each<[string, string, RegExp]>([
    [
      'is too long',
      `// ${'x'.repeat(200_000)}`,
      /close\.cedar:1: the file is longer than 200000 characters\. Remedy: split/,
    ],
    [
      'is far too long',
      'x'.repeat(1_000_001),
      /close\.cedar:1: the file is longer than 1000000 bytes\. Remedy: split/,
    ],
    [
      'would break the engine',
      `\n${'('.repeat(5_000)}`,
      /close\.cedar:2: brackets are nested.*Remedy: make it plainer/,
    ],
    ['cannot be parsed', '// one\n\npermit [', /close\.cedar:3: syntax error.*Remedy: correct/],
  ])('formats no file that %s, and leaves it as it is', (_, text, expected) => {
    const path = join(root, 'shared/close.cedar');
    writeFileSync(path, text);
    expect(() => policyFmt([pack], false)).toThrow(expected);
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  it('formats neither a file that is missing nor one that is none', () => {
    const path = join(root, 'shared/close.cedar');
    rmSync(path);
    expect(() => policyFmt([pack], false)).toThrow(/close\.cedar:1: the file is missing.*pack\.yaml/);
    mkdirSync(path);
    expect(() => policyFmt([pack], false)).toThrow(/close\.cedar:1: this is not a file/);
  });

  it('works on no endless number of packs and tables', () => {
    expect(() => policyFmt(Array<string>(51).fill(pack), true)).toThrow(
      /more than 50 packs\. Remedy: name fewer/,
    );
    for (let at = 0; at < 200; at += 1) writeFileSync(join(pack, 'DENY', `${at}.yaml`), '');
    expect(policyCheck([pack])).toBe(1);
    expect(said()).toMatch(/DENY:1: there are more than 200 tables\. Remedy: join/);
  });

  it.each([
    [
      'a syntax error',
      'shared/close.cedar',
      'permit (',
      'permit [',
      /shared\/close\.cedar:\d+: syntax error.*Remedy/,
    ],
    [
      'an unknown fact',
      'shared/close.cedar',
      'facts.selfRemediated',
      'facts.selfRemedied',
      /close\.cedar:\d+: .*selfRemedied.*Remedy: did you mean/s,
    ],
    [
      'a missing reason',
      'shared/close.cedar',
      '@reason',
      '// @reason',
      /close\.cedar:\d+: the rule has no @reason\. Remedy: add @reason/,
    ],
    [
      'an unknown role',
      'shared/release.cedar',
      'secops:1',
      'ceo:1',
      /release\.cedar:\d+: @approvals.*Remedy: write role:count pairs/,
    ],
    [
      'a release that asks nobody',
      'shared/release.cedar',
      '@approvals("manager:1,secops:1")\n',
      '',
      /release\.cedar:\d+: a permit for release asks nobody\. Remedy: add @approvals/,
    ],
    [
      'a duplicate id',
      'shared/release.cedar',
      '@id("release-new-device")',
      '@id("close-self-remediated")',
      /:\d+: @id\("close-self-remediated"\) is already used at .*Remedy/,
    ],
    [
      'contradictory annotations',
      'shared/contain.cedar',
      '@immediate("true")',
      '@immediate("true")\n@approvals("secops:1")',
      /contain\.cedar:\d+: @approvals and @immediate contradict/,
    ],
    [
      'a key too many in the manifest',
      'containment-first/pack.yaml',
      'name:',
      'extends: x\nname:',
      /pack\.yaml:1: .*extends.*Remedy/,
    ],
    [
      'a rule file that is not there',
      'containment-first/pack.yaml',
      'release-low.cedar',
      'release-lower.cedar',
      /pack\.yaml:10: the file release-lower\.cedar is missing\. Remedy/,
    ],
    [
      'a manifest that is no YAML',
      'containment-first/pack.yaml',
      'rules:',
      'rules: [',
      /pack\.yaml:4: [^\n]+\. Remedy: correct the YAML\.\n/,
    ],
    [
      'a table with an unknown fact',
      'containment-first/ALLOW/low-risk-release.yaml',
      'isVip:',
      'isVipp:',
      /low-risk-release\.yaml:\d+: .*there is no fact isVipp.*Remedy/,
    ],
    [
      'a table that is no table',
      'containment-first/ALLOW/low-risk-release.yaml',
      'base:',
      'bass:',
      /low-risk-release\.yaml:\d+: cases\.0.*Remedy/,
    ],
  ])('with %s is refused with file, line and remedy', (_what, file, from, to, message) => {
    change(file, from, to);
    expect(policyCheck([pack])).toBe(1);
    expect(said()).toMatch(message);
    expect(said()).toContain('A service that runs keeps its pack.');
  });

  it('with a base that is wrong is told so where the base stands, and not again for each case', () => {
    change('shared/bases.yaml', "isVip: 'no'", "isVipp: 'no'");
    expect(policyCheck([pack])).toBe(1);
    expect(said()).toMatch(
      /^\S+bases\.yaml:26: the base at-risk-medium: there is no fact isVipp\. [^\n]+\n\S+bases\.yaml:\d+: the base at-risk-medium: isVip is missing\. [^\n]+\n[^\n]+: refused, 2 problems\./,
    );
  });

  it('with a base that builds on none is told so once, where it says from', () => {
    const bases = join(root, 'shared/bases.yaml');
    const lines = readFileSync(bases, 'utf8').split('\n').length;
    const more = ['a: { about: x, facts: {},', '  from: nope }', 'b: { about: x, from: a, facts: {} }', ''];
    writeFileSync(bases, `${readFileSync(bases, 'utf8')}${more.join('\n')}`);
    expect(policyCheck([pack])).toBe(1);
    expect(said()).toMatch(
      new RegExp(
        `^\\S+bases\\.yaml:${lines + 1}: the base a: there is no base nope\\. Remedy: [^\\n]+\\n[^\\n]+: refused, 1 problem\\.`,
      ),
    );
  });

  it('with bases that go in a circle is told so for each of them, and not for those that build on them', () => {
    const bases = join(root, 'shared/bases.yaml');
    const more = ['a', 'b', 'c'].map((name, at) => `${name}: { about: x, from: ${'bab'[at]}, facts: {} }\n`);
    writeFileSync(bases, `${readFileSync(bases, 'utf8')}${more.join('')}`);
    expect(policyCheck([pack])).toBe(1);
    expect(said().match(/the base \w+: [^.]+/g)).toEqual([
      'the base a: its bases go in a circle',
      'the base b: its bases go in a circle',
    ]);
  });

  it.each(['check', 'fmt', 'test', 'prove'])(
    'is asked for by the folder of a pack, and %s answers nothing about another',
    async (command) => {
      for (const dir of [root, join(root, 'shared'), join(root, 'shared/close.cedar')]) {
        const codes: number[] = [];
        await policyCommand((code) => codes.push(code)).parseAsync([command, pack, dir], { from: 'user' });
        expect(codes).toEqual([2]);
        expect(output).toEqual([
          expect.stringContaining(
            `${dir} is not the folder of a pack. Remedy: name a folder with a pack.yaml`,
          ),
        ]);
        output = [];
      }
    },
  );

  it('tells the cases of its tables within the width of a page, and what of them is otherwise in words', () => {
    change('shared/never-release.cedar', 'isPrivileged != "no"', 'isPrivileged == "unknown"');
    expect(policyTest([pack])).toBe(1);
    const lines = said().replaceAll(root, '').split('\n');
    expect(lines.filter((line) => line.length > 100 && !/^\/\S+:\d+: /.test(line))).toEqual([]);
    expect(said()).toMatch(
      /release: expected deny by never-release-privileged, decided permit after secops:1, manager:1 by\s+release-new-device/,
    );
    expect(said()).toMatch(
      /pass +ALLOW +VIP with an inbox rule at high level +after +no +no\n +securityLead:1, then\n +a person looks/,
    );
  });

  it('tells the problems of all packs and files at once', () => {
    change('shared/close.cedar', '@reason', '// @reason');
    change('shared/release.cedar', 'secops:1', 'ceo:1');
    expect(policyCheck([pack, join(root, 'auto-low-risk')])).toBe(1);
    expect(
      output.filter((line) => line.includes('has no @reason') && line.includes('is not a quorum')),
    ).toHaveLength(2);
  });

  it('does not stand in a folder of another name, and its problems are still told where they are', () => {
    const candidate = join(root, 'candidate');
    renameSync(pack, candidate);
    const otherName =
      /pack\.yaml:1: the pack is named "containment-first", and its folder is called "candidate"/;
    expect(() => policyTest([candidate])).toThrow(otherName);
    expect(() => policyProve([candidate])).toThrow(otherName);
    change('candidate/release-low.cedar', '@reason', '// @reason');
    expect(policyCheck([candidate])).toBe(1);
    expect(said()).toMatch(otherName);
    expect(said()).toContain(`${join(candidate, 'release-low.cedar')}:`);
  });

  it('is formatted, and told so where it only looks', () => {
    change('shared/close.cedar', 'permit (', 'permit   (');
    expect(policyFmt([pack], true)).toBe(1);
    expect(policyFmt([pack], false)).toBe(0);
    expect(policyFmt([pack], true)).toBe(0);
  });

  it('that weakens a rule fails its tables and its proofs, with a case to add to them', () => {
    change('shared/never-release.cedar', 'isPrivileged != "no"', 'isPrivileged == "unknown"');
    expect(policyTest([pack])).toBe(1);
    expect(said()).toMatch(/never-release\.yaml:\d+: administrators are never released/);
    expect(policyProve([pack])).toBe(1);
    expect(said()).toContain("base: 'new-device'\n    facts:\n      isPrivileged: 'yes'");
  });

  it('that uses what cannot be proven is not called proven', () => {
    change(
      'shared/close.cedar',
      'context.facts.selfRemediated == "yes"',
      'context.facts.selfRemediated like "y*"',
    );
    expect(() => policyProve([pack])).toThrow(
      /close\.cedar:\d+: nothing can be proven about the rule close-self-remediated/,
    );
  });
});
