import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { parse } from 'yaml';
import { gravestFirst, outcomeWords, redecide } from './backtest';
import { decide } from './decide';
import * as b from './evidence.builder';
import { explain } from './explain';
import { factsFrom } from './facts';
import { loadPack } from './pack';
import { packManifestSchema } from './pack-manifest';
import { provable, type ProvablePack } from './provable-pack';

const root = join(__dirname, '../../../policies');
const shipped = (name: string, change = (text: string) => text) => {
  const text = (path: string) => readFileSync(join(root, name, path), 'utf8');
  const manifest = packManifestSchema.parse(parse(text('pack.yaml')));
  const file = (path: string) => ({ path: posix.join(name, path), text: change(text(path)) });
  return loadPack({ name, files: manifest.rules.map(file), schema: file(manifest.schema) });
};
const pack = shipped('containment-first');
const rules = provable(pack) as ProvablePack;
const newDevice = b.evidence(b.signIns(b.signIn()), b.devices(b.device({ registeredAt: b.hoursAgo(5) })));
const at = (evidence = newDevice) => explain(factsFrom(evidence, b.now), rules);

describe('the explanation of a decision', () => {
  test('names the rules that fired and the single facts that would have stopped a release', () => {
    const [, release] = at();
    expect(release?.ruling.rules.map(({ id }) => id)).toEqual(['release-new-device']);
    expect(release?.turns).toContainEqual({
      changes: { isPrivileged: 'unknown' },
      ruling: expect.objectContaining({ effect: 'deny' }),
    });
    expect(release?.turns.every(({ changes }) => Object.keys(changes).length <= 2)).toBe(true);
  });

  test('names the rule that nearly fired, and the part of it that did not hold', () => {
    const young = b.evidence(b.devices(b.device({ registeredAt: b.hoursAgo(25) })), b.signIns(b.signIn()));
    const [, release] = at(young);
    const near = release?.nearMisses.find(({ rule }) => rule.id === 'release-new-device');
    expect(near?.missing).toBe('usedDeviceEnrolledHours < 24');
    expect(release?.turns).toContainEqual({
      changes: { usedDeviceEnrolledHours: 23, usedDeviceEnrolledKnown: true },
      ruling: expect.objectContaining({ effect: 'permit' }),
    });
  });

  test('finds facts that must change together, and no more of them than it takes', () => {
    const [, release] = at(
      b.evidence(newDevice, b.withRoles({ roleAssignableGroup: true }), b.withManager(null)),
    );
    expect(release?.turns.length).toBeGreaterThan(0);
    for (const { changes } of release?.turns ?? [])
      expect(Object.keys(changes)).toEqual(expect.arrayContaining(['isPrivileged', 'managerKnown']));
  });
});

describe('the explanation of a decision is short', () => {
  test('and tells nobody that a case is one theft short of containment, but that it may be', () => {
    const near = (evidence = newDevice) => at(evidence)[0]?.nearMisses.map(({ rule }) => rule.id) ?? [];
    expect(near()).toEqual(['contain-high-risk']);
    const changesUnread = b.evidence(newDevice, { changes: b.unread('unavailable') });
    expect(near(changesUnread)).toEqual(
      expect.arrayContaining(['contain-security-info-changed', 'contain-role-changed']),
    );
  });

  test('and names what each forbid rests on where no three facts would change it', () => {
    const [, release] = at(
      b.evidence(
        ...[newDevice, b.withUser({ userType: 'guest' }), b.withStanding({ serviceAccount: true })],
        ...[b.withRoles({ roleAssignableGroup: true }), b.withManager(null)],
      ),
    );
    expect(release?.turns).toEqual([]);
    expect(release?.grounds).toContainEqual({
      rule: expect.objectContaining({ id: 'never-release-privileged' }),
      facts: { isPrivileged: 'yes' },
    });
    expect(release?.grounds.map(({ rule }) => rule.id)).toEqual(release?.ruling.rules.map(({ id }) => id));
    expect(at()[1]?.grounds).toEqual([]);
  });

  test('and names the permit that a forbid beat', () => {
    const vip = b.evidence(
      ...[b.signIns(b.signIn()), b.withStanding({ vip: true })],
      ...[b.withRisk({ level: 'high' }), b.detections(b.detection({ level: 'high' }))],
    );
    expect(at(vip)[1]?.ruling.overruled?.map(({ id }) => id)).toEqual(['release-high-proven']);
  });
});

describe('a backtest', () => {
  const recorded = (evidence = newDevice, caseId = 'case-1') => ({
    caseId,
    ticketNumber: 'INC0010001',
    at: b.now,
    evidence,
    decision: decide(evidence, b.now, pack),
  });
  const low = b.evidence(
    b.signIns(b.signIn()),
    b.withRisk({ level: 'low' }),
    b.detections(b.detection({ level: 'low' })),
  );
  const guest = b.evidence(newDevice, b.withUser({ userType: 'guest' }));
  const auto = shipped('auto-low-risk');
  const withoutGuestRule = shipped('containment-first', (text) =>
    text.replaceAll('context.facts.isGuest != "no"', 'context.facts.isGuest == "unknown"'),
  );
  const strict = shipped('containment-first', (text) =>
    text.replaceAll(
      'context.facts.usedDeviceEnrolledHours < 24',
      'context.facts.usedDeviceEnrolledHours < 2',
    ),
  );

  const high = b.evidence(
    b.signIns(b.signIn()),
    b.withRisk({ level: 'high' }),
    b.detections(b.detection({ level: 'high' })),
  );
  const withoutContainment = shipped('containment-first', (text) =>
    text.replaceAll(
      '["atRisk", "confirmedCompromised"].contains(context.facts.riskState) &&\n  (context.facts.riskLevel == "high"',
      'context.facts.riskState == "confirmedCompromised" &&\n  (context.facts.riskLevel == "high"',
    ),
  );

  test('says nothing about a case that would end the same', () => {
    expect(redecide(recorded(), pack)).toBeNull();
    expect(redecide(recorded(), auto)).toBeNull();
  });

  test('contains by what the case was contained by: a release that followed from that is no change', () => {
    const decision = decide(high, b.now, pack, undefined, 'raiseRisk');
    expect(outcomeWords(decision)).toBe('contain at once');
    expect(redecide({ ...recorded(high), decision }, pack)).toBeNull();
  });

  test.each([
    ['a guest who would be released', guest, withoutGuestRule, 'released'],
    ['a release that would be asked of nobody', low, auto, 'released'],
    ['a release that would be asked without containing first', high, withoutContainment, 'released'],
    ['a release that would not be asked for any more', newDevice, strict, 'notReleased'],
  ])('tells of %s', (_what, evidence, changed, kind) => {
    expect(redecide(recorded(evidence), changed)).toMatchObject({ kind });
  });

  const without = (annotation: string) =>
    shipped('containment-first', (text) => text.replaceAll(annotation, ''));
  const stolen = b.evidence(
    newDevice,
    b.detections(b.detection({ kind: 'anomalousToken', markers: ['tokenTheft'] })),
  );
  const breakGlass = b.evidence(newDevice, b.withStanding({ breakGlass: true }));
  const many = b.evidence(newDevice, b.withCampaign(12));
  test.each([
    [
      'looked at afterwards',
      stolen,
      '@review("true")',
      'contain at once, then a person looks',
      'contain at once',
    ],
    ['called about', breakGlass, '@page("securityLead")', 'hold, calls securityLead', 'hold'],
    ['one of a group', many, '@group("campaign")', 'hold, group of unfamiliarFeatures', 'hold'],
  ])('tells of a case that is no longer %s', (_what, evidence, annotation, before, after) => {
    const change = redecide(recorded(evidence), without(annotation));
    expect(change?.kind).toBe('unattended');
    expect(change && [outcomeWords(change.before), outcomeWords(change.after)]).toEqual([before, after]);
  });

  test('puts newly released cases first, and each case once', () => {
    const changes = [
      redecide(recorded(newDevice, 'case-1'), strict)!,
      redecide(recorded(low, 'case-2'), auto)!,
      redecide(recorded(guest, 'case-1'), withoutGuestRule)!,
    ];
    expect(gravestFirst(changes).map(({ caseId, kind }) => [caseId, kind])).toEqual([
      ['case-2', 'released'],
      ['case-1', 'released'],
    ]);
  });

  test('tells outcomes in a few words', () => {
    expect(outcomeWords(recorded().decision)).toBe('release after secops:1, manager:1');
    expect(outcomeWords(recorded(guest).decision)).toBe('hold');
    expect(outcomeWords(decide(low, b.now, auto))).toBe('release unasked');
  });
});
