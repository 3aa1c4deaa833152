import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { parse } from 'yaml';
import { type Condition, holds, textOf } from './condition';
import { crossCheck, samplePoints } from './cross-check';
import { type Facts } from './fact-docs';
import { classesOf, spaceOf } from './fact-space';
import { invariantsFor } from './invariants';
import { loadPack } from './pack';
import { packManifestSchema } from './pack-manifest';
import { provable, type ProvablePack } from './provable-pack';
import { brokenInvariants, prove } from './prove';
import { type Rule } from './rule';
import { rulingFrom } from './rulings';
import { basesSchema, checkTableCase, rowProblems, tableFacts, tableSchema } from './scenario-table';
import { findPoint, searchOrder, type Settled } from './search';
import { type NamedFacts } from './smallest';

const root = join(__dirname, '../../../policies');
const text = (...path: string[]) => readFileSync(join(root, ...path), 'utf8');
const tableBases = basesSchema.parse(parse(text('shared/bases.yaml')));
const bases: NamedFacts[] = Object.keys(tableBases).map((name) => ({
  name,
  facts: tableFacts({ base: name, facts: {} }, tableBases) as Facts,
}));

const source = (name: string) => {
  const manifest = packManifestSchema.parse(parse(text(name, 'pack.yaml')));
  const file = (path: string) => ({ path: posix.join(name, path), text: text(name, path) });
  return { name, files: manifest.rules.map(file), schema: file(manifest.schema) };
};
const inSubset = (pack: ReturnType<typeof loadPack>): ProvablePack => {
  const found = provable(pack);
  if (Array.isArray(found)) throw new Error(JSON.stringify(found));
  return found;
};
const rowsOf = (name: string) =>
  ['shared', name].flatMap((folder) =>
    ['ALLOW', 'DENY'].flatMap((kind) =>
      readdirSync(join(root, folder, kind)).flatMap(
        (file) => tableSchema.parse(parse(text(folder, kind, file))).cases,
      ),
    ),
  );
/** Whether some point in the whole space is ruled otherwise where the rule no longer asks for `part`. */
function isRuledOtherwise(pack: ProvablePack, rule: Rule, part: Condition, rest: Condition): boolean {
  const about = pack.rules.filter((other) =>
    other.rule.actions.some((action) => rule.actions.includes(action)),
  );
  const classes = classesOf(
    about.map(({ condition }) => condition),
    spaceOf(about.map(({ condition }) => condition)),
  );
  const firedAt = (settled: Settled) =>
    about
      .filter(({ condition }) => holds(condition, (fact) => settled.get(fact)) === true)
      .map((fired) => fired.rule);
  const demand = (fired: readonly Rule[]) =>
    rule.actions.map((action) => ({ ...rulingFrom(action, fired), rules: [], overruled: undefined }));
  const matters = (fired: readonly Rule[]) =>
    JSON.stringify(demand(fired)) !== JSON.stringify(demand([...fired, rule]));
  const permits = about.filter((other) => other.rule.effect === 'permit');
  const mayPermit = (settled: Settled) =>
    permits.some(({ condition }) => holds(condition, (fact) => settled.get(fact)) !== false);
  const { point } = findPoint({
    classes,
    order: searchOrder([part, rest], about),
    isPossible: (settled) => {
      if (holds(part, (fact) => settled.get(fact)) === true) return false;
      if (holds(rest, (fact) => settled.get(fact)) === false) return false;
      const fired = firedAt(settled);
      if (fired.some(({ effect }) => effect === 'forbid')) return false;
      // A permit does nothing where as many people are asked without it, whatever else fires; a forbid, where nothing is permitted.
      return rule.effect === 'permit' ? matters(fired) : mayPermit(settled);
    },
    isFound: (settled) => matters(firedAt(settled)),
  });
  return point !== null;
}

/** Points per pack at which the three evaluations are compared. */
const comparedPoints = 3_000;
const names = readdirSync(root).filter((name) => existsSync(join(root, name, 'pack.yaml')));
test('both shipped packs are proven', () => {
  expect(names).toEqual(expect.arrayContaining(['auto-low-risk', 'containment-first']));
});

describe.each(names)('the pack %s', (name) => {
  const pack = loadPack(source(name));
  const rules = inSubset(pack);
  const rows = rowsOf(name);

  test('keeps every invariant in the whole space of facts', () => {
    const { points, proofs } = prove(rules, bases);
    expect(proofs.filter(({ counterexample }) => counterexample)).toEqual([]);
    expect(new Set(proofs.map(({ id }) => id)).size).toBe(proofs.length);
    expect(points > 10n ** 18n).toBe(true);
  });

  test('is evaluated alike by the authorizer of Cedar, by decisions and by proofs', () => {
    expect(crossCheck(pack, rules, samplePoints(rules, bases, comparedPoints, 20_261_123))).toBeNull();
  });

  /** Whether a table or a proof notices that the rules are not what they were. */
  const isNoticed = (changed: ProvablePack) =>
    rows.some((row) => rowProblems(row, tableBases, changed).length > 0) ||
    brokenInvariants(changed).length > 0;

  describe.each(rules.rules.map(({ rule }) => rule.id))('without the rule %s as it is', (id) => {
    const others = rules.rules.filter(({ rule }) => rule.id !== id);
    const { rule, condition } = rules.rules.find((candidate) => candidate.rule.id === id)!;

    test.each<[string, ProvablePack['rules']]>([
      ['deleted', others],
      ['negated', [...others, { rule, condition: { op: 'not', of: condition } }]],
      [
        'turned from permit to forbid or back',
        [...others, { rule: { ...rule, effect: rule.effect === 'permit' ? 'forbid' : 'permit' }, condition }],
      ],
    ])('(%s), a committed table or proof fails', (_how, changed) => {
      expect(isNoticed({ name, rules: changed })).toBe(true);
    });

    const parts = condition.op === 'all' ? condition.of : [];
    const weaker = parts.map((part, at) => ({
      text: textOf(part),
      part,
      rest: { op: 'all' as const, of: parts.filter((_part, index) => index !== at) },
    }));
    // A part may be there for the reader, where other rules see to the same: leaving it out changes no ruling anywhere.
    const telling = weaker.filter(({ part, rest }) => isRuledOtherwise(rules, rule, part, rest));
    if (parts.length > 1 && telling.length > 0)
      test.each(telling)('(left out: $text), a committed table or proof fails', ({ rest }) => {
        expect(isNoticed({ name, rules: [...others, { rule, condition: rest }] })).toBe(true);
      });
  });
});

describe('a weakened pack', () => {
  const { files, ...rest } = source('containment-first');
  const weakened = (from: string, to: string) => {
    expect(files.some((file) => file.text.includes(from))).toBe(true);
    return loadPack({
      ...rest,
      files: files.map((file) => ({ ...file, text: file.text.replaceAll(from, to) })),
    });
  };

  test('is answered with the smallest counterexample, which a table then holds', () => {
    const pack = weakened('context.facts.isPrivileged != "no"', 'context.facts.isPrivileged == "unknown"');
    const { proofs } = prove(inSubset(pack), bases);
    const failed = proofs.find(({ id }) => id === 'never-release-privileged');
    expect(failed?.counterexample).toMatchObject({ base: 'new-device', changes: { isPrivileged: 'yes' } });
    const { base, changes } = failed!.counterexample!;
    const row = tableSchema.parse({
      cases: [{ name: 'x', base, facts: changes, expect: { release: { effect: 'deny' } } }],
    }).cases[0]!;
    expect(checkTableCase(row, tableBases, pack)).toEqual([expect.stringMatching(/^release: expected/)]);
    expect(checkTableCase(row, tableBases, loadPack(source('containment-first')))).toEqual([]);
  });

  test.each([
    ['hasTokenTheft == "yes"', 'held-token-theft'],
    ['hasNationState == "yes"', 'held-nation-state'],
    ['hasThreatIntelligence == "yes"', 'held-threat-intelligence'],
    ['hasConfirmedCompromise == "yes"', 'held-compromised'],
    ['hasPostCompromiseActivity == "yes"', 'held-post-compromise'],
    ['otherDeviceEnrolledInWindow == "yes"', 'held-other-device'],
    ['securityInfoChangedInWindow == "yes"', 'held-changed'],
    ['consentInWindow == "yes"', 'held-changed'],
    ['roleChangedInWindow == "yes"', 'held-changed'],
  ])('that contains where %s and is done with it breaks a promise', (fact, id) => {
    const unheld = inSubset(loadPack(source('containment-first'))).rules.map(({ rule, condition }) => ({
      rule: { ...rule, review: rule.review && !rule.text.includes(fact) },
      condition,
    }));
    const broken = prove({ name: 'containment-first', rules: unheld }, bases).proofs.filter(
      ({ counterexample }) => counterexample,
    );
    expect(broken.every((proof) => proof.id.startsWith('held-'))).toBe(true);
    expect(broken.find((proof) => proof.id === id)?.counterexample).toMatchObject({
      instead: { action: 'contain', effect: 'permit', review: true },
      rulings: { contain: { effect: 'permit' } },
    });
  });

  test.each<[string, Partial<Rule>, string]>([
    ['calls nobody for a break-glass account', { page: [] }, 'break-glass-pages'],
    ['makes no group of a campaign', { groups: false }, 'campaign-groups'],
  ])('that %s breaks a promise', (_what, less, id) => {
    const rules = inSubset(loadPack(source('containment-first'))).rules.map(({ rule, condition }) => ({
      rule: { ...rule, ...less },
      condition,
    }));
    expect(brokenInvariants({ name: 'containment-first', rules }).map((broken) => broken.id)).toEqual([id]);
  });

  test('that releases where it is not known whether credentials have leaked breaks a promise', () => {
    const pack = weakened(
      'context.facts.hasLeakedCredentials == "no" &&\n  context.facts.judged',
      'context.facts.hasLeakedCredentials != "yes" &&\n  context.facts.judged',
    );
    const failed = prove(inSubset(pack), bases).proofs.filter(({ counterexample }) => counterexample);
    expect(failed.map(({ id }) => id)).toContain('never-release-unknown-credentials');
  });

  test('that releases the uncertain and not the certain is not monotone', () => {
    const pack = weakened(
      'context.facts.hasLeakedCredentials != "unknown" &&\n  (context.facts.riskLevel == "high"',
      '(context.facts.riskLevel == "high"',
    );
    const failed = prove(inSubset(pack), bases).proofs.filter(({ counterexample }) => counterexample);
    expect(failed.map(({ id }) => id)).toContain('monotone-release-riskLevel');
  });

  /** The pack with these rules in the place of all that permit a release. */
  const releasing = (...rules: [when: string, approvals: string][]) =>
    loadPack({
      ...rest,
      files: [
        ...files.filter(({ path }) => !/\/release(-low)?\.cedar$/.test(path)),
        ...rules.map(([when, approvals], at) => ({
          path: `x/release-${at}.cedar`,
          text: `@id("permit-${at}")\n@reason("x")\n@approvals("${approvals}")\npermit (principal, action == Sallyport::Action::"release", resource)\nwhen { ${proven} && ${when} };`,
        })),
      ],
    });
  const proven = [
    ...['riskState == "atRisk"', 'mfaPassedAfterDetection == "yes"', 'knownDeviceUsed == "yes"'],
    ...['usedDeviceEnrolledInWindow == "no"', 'hasLeakedCredentials == "no"'],
    ...['judgedSignInsExplained == "yes"', 'riskLevel != "high"', 'highestDetectionLevel == "low"'],
  ]
    .map((test) => `context.facts.${test}`)
    .join(' && ');
  const risk = 'context.facts.riskLevel';
  const users = 'context.facts.campaignUsers';

  test.each<[string, [string, string][], string]>([
    [
      'asks fewer people for medium, which its rules do not tell from none',
      [
        [`${risk} == "low"`, 'manager:1,secops:1'],
        [`${risk} != "low"`, 'secops:1'],
      ],
      'monotone-release-riskLevel',
    ],
    [
      'asks fewer people for one of few, whose number its rules do not tell from the unknown one',
      [
        [`context.facts.campaignKnown && ${users} == 0`, 'manager:1,secops:1'],
        [`context.facts.campaignKnown && ${users} != 0`, 'secops:1'],
      ],
      'monotone-release-campaignUsers',
    ],
  ])('that %s is not monotone', (_how, permits, id) => {
    const { proofs } = prove(inSubset(releasing(...permits)), bases);
    expect(proofs.filter(({ counterexample }) => counterexample).map((proof) => proof.id)).toEqual([id]);
  });
});

test.each<[string, RegExp]>([
  ['context.facts.evidenceAgeKnown && context.facts.evidenceAgeMinutes + 1 > 60', /not a literal/],
  ['context.facts.isVip == context.facts.isGuest', /not a literal/],
  ['context.facts.isVip like "y*"', /operator "like"/],
])('a pack with %s is refused by name', (expression, message) => {
  const { files, ...rest } = source('containment-first');
  const rule = `@id("odd")\n@reason("x")\nforbid (principal, action == Sallyport::Action::"close", resource)\nwhen { ${expression} };`;
  expect(provable(loadPack({ ...rest, files: [...files, { path: 'x/odd.cedar', text: rule }] }))).toEqual([
    { path: 'x/odd.cedar', line: 1, message: expect.stringMatching(message), remedy: expect.any(String) },
  ]);
});

test('the invariants that a pack must keep do not depend on what it calls itself, but for the one that is known', () => {
  const ids = (name: string) => invariantsFor(name).map(({ id }) => id);
  expect(ids('mine')).toEqual(ids('containment-first'));
  expect(ids('mine')).toContain('release-asks');
  expect(ids('auto-low-risk')).toContain('unasked-only-low');
});
