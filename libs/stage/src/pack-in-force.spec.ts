import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { evidence, sampleInstant } from '@sallyport/evidence/testing';
import { decide } from '@sallyport/policy';
import { NotReady, Readiness } from '@sallyport/service';
import pino from 'pino';
import { Registry } from 'prom-client';
import { PackInForce } from './pack-in-force';

const shipped = join(__dirname, '../../../policies');
let root: string;
let dir: string;
let registry: Registry;
let readiness: Readiness;
let logged: string[];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sallyport-in-force-'));
  cpSync(shipped, root, { recursive: true });
  dir = join(root, 'containment-first');
  registry = new Registry();
  readiness = new Readiness();
  logged = [];
});
afterEach(() => rmSync(root, { recursive: true }));

const start = (folder = dir) => {
  const logger = pino({ level: 'warn' }, { write: (line: string) => void logged.push(line) });
  const config = { POLICY_PACK: folder, POLICY_RELOAD_SECONDS: 1 };
  return new PackInForce(config, logger, registry, readiness);
};
const edit = (file: string, from: string, to: string) => {
  const path = join(root, file);
  const before = readFileSync(path, 'utf8');
  expect(before).toContain(from);
  writeFileSync(path, before.replace(from, to));
};
const looks = (policy: PackInForce) => [policy.look(), policy.look(), policy.look()];
const metrics = () => registry.metrics();
const ready = () => readiness.checks.get('policy pack')!();

it('takes up a changed pack once two looks have found the same texts', async () => {
  const policy = start();
  const before = policy.pack;
  expect(policy.look()).toBe('same');
  edit('shared/contain.cedar', 'The risk is high:', 'The risk is very high:');
  expect(looks(policy)).toEqual(['settling', 'taken', 'same']);
  expect(policy.pack.policySetHash).not.toBe(before.policySetHash);
  expect(policy.pack.rules.get('contain-high-risk')?.reason).toMatch(/^The risk is very high/);
  expect(await metrics()).toContain(
    `sallyport_policy_pack_info{pack="containment-first",hash="${policy.pack.policySetHash}"} 1`,
  );
  expect(await metrics()).not.toContain(before.policySetHash);
  expect(await metrics()).toContain('sallyport_policy_reloads_total{result="taken"} 1');
});

it('does not take a pack that is still being copied for a shorter one', () => {
  const policy = start();
  const path = join(root, 'shared/never-release.cedar');
  const whole = readFileSync(path, 'utf8');
  const changed = whole.replace('automation never releases it', 'automation never ever releases it');
  for (const length of [400, 900, 1_600]) {
    // As it would be cut between two rules or in the middle of one.
    writeFileSync(path, changed.slice(0, length));
    expect(policy.look()).toBe('settling');
  }
  writeFileSync(path, changed);
  expect(policy.look()).toBe('settling');
  expect(policy.pack.rules.get('never-release-privileged')?.reason).not.toMatch(/ever ever/);
  expect(policy.look()).toBe('taken');
  expect(policy.pack.rules.get('never-release-vip-high')).toBeDefined();
});

it.each<[string, () => void, RegExp]>([
  [
    'a syntax error',
    () => edit('shared/close.cedar', 'permit', 'permitt'),
    /shared\/close\.cedar:\d+: syntax error.*Remedy: /,
  ],
  [
    'an unknown fact',
    () => edit('shared/contain.cedar', 'facts.isVip', 'facts.isVipp'),
    /shared\/contain\.cedar:\d+: .*isVipp.*Remedy: /,
  ],
  [
    'a release that asks nobody',
    () => edit('shared/release.cedar', '@approvals("manager:1,secops:1")', ''),
    /shared\/release\.cedar:\d+: a permit for release asks nobody.*Remedy: add @approvals/,
  ],
  [
    'a rule left out that protects, although what is left is valid',
    () => {
      const path = join(root, 'shared/never-release.cedar');
      const text = readFileSync(path, 'utf8');
      const from = text.indexOf('// Source: learn.microsoft.com, token protection');
      const to = text.indexOf('// Source: riskEventType nationStateIP');
      writeFileSync(path, text.slice(0, from) + text.slice(to));
    },
    /containment-first\/pack\.yaml:1: the invariant never-release-token-theft is broken: Automation never releases a case of token theft\.\..*Remedy: run/,
  ],
  [
    'a list of rules without a file',
    () => edit('containment-first/pack.yaml', '  - ../shared/release-guards.cedar\n', ''),
    /the invariant never-release-campaign is broken/,
  ],
  [
    'a rule about which nothing can be proven',
    () =>
      appendFileSync(
        join(root, 'shared/close.cedar'),
        '\n@id("odd")\n@reason("x")\nforbid (principal, action == Sallyport::Action::"close", resource)\nwhen { context.facts.isVip like "y*" };\n',
      ),
    /close\.cedar:\d+: nothing can be proven about the rule odd/,
  ],
  [
    'the name of the pack that may release unasked',
    () => edit('containment-first/pack.yaml', 'name: containment-first', 'name: auto-low-risk'),
    /pack\.yaml names the pack "auto-low-risk", and its folder is called "containment-first"/,
  ],
  [
    'a rule so deep that it would break the engine',
    () => appendFileSync(join(root, 'shared/close.cedar'), `\n${'('.repeat(5_000)}`),
    /close\.cedar:\d+: brackets are nested more than 32 deep/,
  ],
  ['a manifest that is none', () => writeFileSync(join(dir, 'pack.yaml'), 'name: ['), /is not a manifest/],
  ['no folder', () => rmSync(dir, { recursive: true }), /pack\.yaml is missing/],
])('keeps the pack in force where it finds %s, and says where and why', async (_what, spoil, told) => {
  const policy = start();
  const before = policy.pack;
  spoil();
  expect(looks(policy)).toEqual(['settling', 'refused', 'same']);
  expect(policy.pack).toBe(before);
  expect(decide(evidence(), sampleInstant(0), policy.pack).errors).toEqual([]);
  expect(logged).toHaveLength(1);
  const line = JSON.parse(logged[0]!) as { policySetHash: string; err: { message: string } };
  expect(line.policySetHash).toBe(before.policySetHash);
  expect(line.err.message).toMatch(told);
  expect(await metrics()).toContain('sallyport_policy_pack_refused 1');
  expect(await metrics()).toContain('sallyport_policy_reloads_total{result="refused"} 1');
});

it('says that all is well again once the pack is mended', async () => {
  const policy = start();
  const before = policy.pack;
  edit('shared/close.cedar', 'permit', 'permitt');
  looks(policy);
  edit('shared/close.cedar', 'permitt', 'permit');
  expect(looks(policy)).toEqual(['settling', 'taken', 'same']);
  expect(policy.pack.policySetHash).toBe(before.policySetHash);
  expect(await metrics()).toContain('sallyport_policy_pack_refused 0');
});

it('follows a mounted ConfigMap, which is changed by swapping a link', () => {
  const mount = join(root, 'mount');
  mkdirSync(mount);
  for (const version of ['..1', '..2']) cpSync(shipped, join(mount, version), { recursive: true });
  symlinkSync('..1', join(mount, '..data'));
  for (const folder of ['shared', 'containment-first'])
    symlinkSync(join('..data', folder), join(mount, folder));
  const policy = start(join(mount, 'containment-first'));
  const before = policy.pack.policySetHash;
  appendFileSync(join(mount, '..2/shared/close.cedar'), '// reviewed\n');
  symlinkSync('..2', join(mount, '..data_tmp'));
  renameSync(join(mount, '..data_tmp'), join(mount, '..data'));
  expect(looks(policy)).toEqual(['settling', 'taken', 'same']);
  expect(policy.pack.policySetHash).not.toBe(before);
});

it('looks by itself while the service runs, and no longer', async () => {
  jest.useFakeTimers();
  try {
    const policy = start();
    const before = policy.pack.policySetHash;
    policy.onApplicationBootstrap();
    appendFileSync(join(root, 'shared/close.cedar'), '// reviewed\n');
    jest.advanceTimersByTime(2_000);
    expect(policy.pack.policySetHash).not.toBe(before);
    policy.onApplicationShutdown();
    expect(jest.getTimerCount()).toBe(0);
  } finally {
    jest.useRealTimers();
  }
});

describe('a start without a good pack', () => {
  const spoil = () =>
    edit(
      'shared/never-release.cedar',
      'context.facts.isPrivileged != "no"',
      'context.facts.isPrivileged == "unknown"',
    );
  const mend = () =>
    edit(
      'shared/never-release.cedar',
      'context.facts.isPrivileged == "unknown"',
      'context.facts.isPrivileged != "no"',
    );

  // Whoever asks is not known, and the file may be any that POLICY_PACK points to.
  const unread = /^It cannot be read; the log says why\.$/;
  it.each<[string, () => void, RegExp, RegExp?]>([
    ['that breaks an invariant', spoil, /never-release-privileged is broken.*Remedy: run/],
    [
      'with a syntax error',
      () => edit('shared/close.cedar', 'permit', 'permitt'),
      /shared\/close\.cedar:\d+: syntax error.*Remedy: /,
    ],
    ['that is not there', () => rmSync(dir, { recursive: true }), /pack\.yaml is missing/, unread],
    [
      'whose manifest is another file',
      () => writeFileSync(join(dir, 'pack.yaml'), 'secret: hunter2\nname: ['),
      /is not a manifest/,
      unread,
    ],
  ])(
    '%s: no job is taken, and log, metrics and readiness say why',
    async (_what, break_, told, said = told) => {
      break_();
      const policy = start();
      expect(() => policy.pack).toThrow('before there was a policy pack');
      await expect(ready()).rejects.toThrow(NotReady);
      await expect(ready()).rejects.toThrow(said);
      await expect(ready()).rejects.not.toThrow(root);
      expect(logged).toHaveLength(1);
      const line = JSON.parse(logged[0]!) as { level: number; msg: string; err: { message: string } };
      expect(line.level).toBe(pino.levels.values['error']);
      expect(line.err.message).toMatch(told);
      expect(line.msg).toContain('cases wait');
      expect(await metrics()).toContain('sallyport_policy_pack_refused 1');
      expect(await metrics()).not.toContain('sallyport_policy_pack_info{');
      expect(looks(policy)).toEqual(['same', 'same', 'same']);
    },
  );

  it('ends with the first good one, and says so', async () => {
    spoil();
    const policy = start();
    mend();
    expect(looks(policy)).toEqual(['settling', 'taken', 'same']);
    expect(policy.pack.name).toBe('containment-first');
    await ready();
    expect(logged.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual([
      expect.stringContaining('cases wait'),
      'another policy pack is in force',
    ]);
    expect(await metrics()).toContain('sallyport_policy_pack_refused 0');
    expect(await metrics()).toContain('sallyport_policy_reloads_total{result="taken"} 1');
  });

  it('says why of the newest that it found', async () => {
    spoil();
    const policy = start();
    mend();
    edit('shared/close.cedar', 'permit', 'permitt');
    expect(looks(policy)).toEqual(['settling', 'refused', 'same']);
    await expect(ready()).rejects.toThrow(/close\.cedar/);
    await expect(ready()).rejects.not.toThrow(/privileged/);
  });
});

it('is ready with an older pack while a changed one is refused', async () => {
  const policy = start();
  await ready();
  edit('shared/close.cedar', 'permit', 'permitt');
  expect(looks(policy)).toContain('refused');
  await ready();
});
