import { known, sampleDigest, unknown } from '@sallyport/evidence/testing';
import {
  after,
  caseIn,
  collected,
  courses,
  decided,
  evidence,
  grouped,
  opened,
  type Step,
} from './testing/a-case';
import { headOf } from './head';
import { ownerOf } from './owner';

const elsewhere = opened('the lead').caseId;
const contained: Step[] = [
  'action.started',
  'action.finished',
  'action.started',
  'action.finished',
  'execution.completed',
];
const inGroup = (lead?: string, course = {}): Step[] => [
  'evidence.collected',
  (c) => grouped(c, lead, 'newCountry', { ...courses.hold, ...course }),
];

describe('a group case', () => {
  it('is led by the case that names itself, and waits for a person as that', () => {
    const lead = after(caseIn('opened'), ...inGroup());
    expect(lead).toMatchObject({ phase: 'stuck', stuck: { reason: 'campaign' }, group: { leads: true } });
    expect(headOf(lead).groupLead).toBe(lead.id);
    const member = after(caseIn('opened'), ...inGroup(elsewhere));
    expect(member.group).toMatchObject({ leads: false, leadCaseId: elsewhere, kind: 'newCountry' });
    expect(headOf(member).groupLead).toBe(elsewhere);
  });

  it('needs a decision that saw this very campaign', () => {
    const of = (over: object): Step[] => ['evidence.collected', (c) => ({ ...grouped(c), ...over })];
    expect(() =>
      after(caseIn('opened'), ...of({ group: { key: sampleDigest(9), leadCaseId: elsewhere } })),
    ).toThrow('no such campaign');
    const blind: Step = (c) => ({ ...decided(c, courses.hold), group: grouped(c).group });
    expect(() => after(caseIn('opened'), 'evidence.collected', blind)).toThrow('no such campaign');
  });

  it('is left with the next evidence: membership is what the newest decision says', () => {
    const member = after(caseIn('opened'), ...inGroup(elsewhere));
    expect(member.group).not.toBeNull();
    const plain = after(caseIn('opened'), 'evidence.collected', 'policy.decided');
    expect(plain.group).toBeNull();
    expect(headOf(plain).groupLead).toBeNull();
  });

  it('goes to a person after its lead is contained, and ends where a member is', () => {
    const course = { ...courses.contain, course: 'act' };
    const lead = after(caseIn('opened'), ...inGroup(undefined, course), ...contained);
    expect(lead).toMatchObject({ phase: 'stuck', stuck: { stage: 'executor', reason: 'campaign' } });
    const member = after(caseIn('opened'), ...inGroup(elsewhere, course), ...contained);
    expect(member.phase).toBe('settled');
  });
});

describe('the owner of an account that is not a person’s', () => {
  const facts = { isServiceAccount: 'yes' };
  const about = (over: Parameters<typeof evidence>[0], found = facts) =>
    ownerOf(
      after(
        caseIn('opened'),
        (c) => collected(c, evidence(over)),
        (c) => decided(c, { facts: found }),
      ),
    );

  it.each<[string, ReturnType<typeof about>, ReturnType<typeof ownerOf>]>([
    ['listed', about({ owner: 'Payments, ext. 12' }), { kind: 'listed', words: 'Payments, ext. 12' }],
    ['not listed', about({}), { kind: 'manager', name: { untrusted: 'Max Manager' } }],
    ['without a manager', about({ manager: known(null) }), { kind: 'unknown' }],
    ['with a manager who is not known', about({ manager: unknown() }), { kind: 'unknown' }],
    ['a person', about({}, { isServiceAccount: 'no' }), null],
    [
      'an id that no user answers to',
      about({ user: unknown('notFound'), manager: unknown('notFound') }, { isServiceAccount: 'no' }),
      { kind: 'unknown' },
    ],
  ])('%s', (_, found, expected) => {
    expect(found).toEqual(expected);
  });
});
