import { caseIn } from '@sallyport/case/testing';
import { type ExpectedCase, type ExpectedUser } from '@sallyport/scenario';
import { compareCase, compareUser, outcomeOf, type SeenCase, type SeenUser } from './compare';

const note = (value: string) => ({ element: 'work_notes', value: `${value}\n[sallyport op=1]` });
const seen: SeenCase = {
  case: caseIn('closed'),
  events: [],
  ticket: {
    incident: { state: '6' },
    journal: [note('ALREADY REMEDIATED'), { element: 'work_notes', value: 'by hand' }],
  },
  cards: 0,
  notices: 0,
  called: [],
  group: null,
  parent: null,
};
const unmet = (expected: ExpectedCase, actual = seen) =>
  compareCase('t', expected, actual)
    .filter((check) => !check.met)
    .map(({ what, expected: want, actual: got }) => `${what}: ${want} ≠ ${got}`);

describe('a case beside what was expected', () => {
  it('is met where everything is as written', () => {
    const ticket = { state: '6', notes: 1, notesContain: ['REMEDIATED'], notesLack: ['RELEASED'] };
    expect(unmet({ outcome: 'selfRemediated', cards: 0, ticket })).toEqual([]);
  });

  it.each<[ExpectedCase, string[]]>([
    [{ outcome: 'released' }, ['outcome: released ≠ selfRemediated']],
    [{ outcome: 'selfRemediated', cards: 1 }, ['cards posted: 1 ≠ 0']],
    [{ outcome: 'selfRemediated', notices: 2 }, ['notices posted: 2 ≠ 0']],
    [{ outcome: 'selfRemediated', called: ['lena'] }, ['who was called: lena ≠ ']],
    [{ outcome: 'selfRemediated', group: 'first' }, ['who leads its group: first ≠ nobody']],
    [{ outcome: 'selfRemediated', ticket: { parent: 'first' } }, ['parent of the ticket: first ≠ none']],
    [{ outcome: 'selfRemediated', rules: ['never-heard-of'] }, ['rules that fired: never-heard-of ≠ ']],
    [{ outcome: 'selfRemediated', quorum: { secops: 1 } }, ['who was asked: secops:1 ≠ ']],
    [{ outcome: 'selfRemediated', events: ['case.opened'] }, ['events: case.opened ≠ ']],
    [{ outcome: 'selfRemediated', review: 'policyHold' }, ['review reason: policyHold ≠ none']],
    [{ outcome: 'selfRemediated', ticket: { state: '2' } }, ['ticket state: 2 ≠ 6']],
    [{ outcome: 'selfRemediated', ticket: { notes: 2 } }, ['notes written: 2 ≠ 1']],
    [
      { outcome: 'selfRemediated', ticket: { notesContain: ['by hand'] } },
      ['note contains: by hand ≠ not found'],
    ],
    [
      { outcome: 'selfRemediated', ticket: { notesLack: ['REMEDIATED'] } },
      ['note lacks: REMEDIATED ≠ found'],
    ],
  ])('names each difference: %j', (expected, differences) => {
    expect(unmet(expected)).toEqual(differences);
  });

  it('is not met by a call to somebody else', () => {
    const called = { ...seen, called: ['somebody else'] };
    expect(unmet({ outcome: 'selfRemediated', called: [] }, called)).toEqual([
      'who was called:  ≠ somebody else',
    ]);
  });

  it('a case that never opened and one that waits for a person have outcomes of their own', () => {
    expect(outcomeOf(null)).toBe('not opened');
    expect(outcomeOf(caseIn('inReview'))).toBe('manualReview');
    expect(outcomeOf(caseIn('voting'))).toBe('voting');
  });
});

describe('a user beside what was expected', () => {
  const user: SeenUser = {
    writes: { dismissRisk: { asked: 2, applied: 1 }, cardPosted: { asked: 1, applied: 1 } },
    riskState: 'dismissed',
    accountEnabled: true,
    mustChangePassword: false,
  };
  const differences = (expected: ExpectedUser) =>
    compareUser('u', expected, user)
      .filter((check) => !check.met)
      .map((check) => check.what);

  it('counts every call that was made, also one without effect, and wants kinds not named to be none', () => {
    expect(differences({ writes: { dismissRisk: 2 } })).toEqual([]);
    expect(differences({ writes: { dismissRisk: 1 } })).toEqual(['writes: dismissRisk']);
    expect(differences({ writes: {} })).toEqual(['writes: dismissRisk']);
    expect(differences({ writes: { dismissRisk: 2, revokeSessions: 1 } })).toEqual([
      'writes: revokeSessions',
    ]);
  });

  it('compares the account only where something was said of it', () => {
    const writes = { dismissRisk: 2 };
    expect(differences({ writes, riskState: 'atRisk' })).toEqual(['risk state']);
    expect(differences({ writes, accountEnabled: false })).toEqual(['account enabled']);
    expect(differences({ writes, mustChangePassword: true })).toEqual(['must change password']);
  });
});
