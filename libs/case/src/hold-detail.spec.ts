import { decision, ruling } from '@sallyport/evidence/testing';
import { holdDetail } from './hold-detail';

const held = (ids: readonly string[], facts: Record<string, string> = {}) =>
  decision({
    course: 'hold',
    proposed: null,
    facts,
    rulings: {
      contain: ruling(),
      release: ruling({
        rules: ids.map((id) => ({ id, effect: 'forbid' as const, reason: `Because of ${id}.` })),
      }),
      close: ruling(),
    },
  });
const everything = [
  'hold-account-deleted',
  'hold-account-not-found',
  'hold-break-glass',
  'hold-readings-incomplete',
  'hold-readings-stale',
  'hold-subject-unresolved',
];

it('names first that something could not be read, before what follows from it', () => {
  expect(holdDetail(held(everything, { subjectResolved: 'unknown' }))).toBe(
    'Because of hold-readings-incomplete. Because of hold-readings-stale. Because of hold-account-deleted. ' +
      'And 3 more rule(s), listed below.',
  );
});

it.each([
  [{ subjectResolved: 'no', accountExists: 'unknown' }, 'hold-subject-unresolved'],
  [{ subjectResolved: 'unknown', accountExists: 'no' }, 'hold-account-not-found'],
])('names first what the facts %j say for certain', (facts, id) => {
  const detail = holdDetail(held(everything, facts));
  expect(detail).toMatch(new RegExp(`^Because of ${id}\\. Because of `));
});

it('names what holds the account before the readings that only a release needs', () => {
  const ids = ['hold-guest', 'release-consent-granted', 'release-readings-incomplete'];
  expect(holdDetail(held(ids))).toBe(
    'Because of hold-guest. Because of release-readings-incomplete. Because of release-consent-granted.',
  );
});

it('keeps the order of the rules where no reading is missing', () => {
  const detail = holdDetail(held(['hold-guest', 'release-campaign']));
  expect(detail).toBe('Because of hold-guest. Because of release-campaign.');
});

it('says when no rule permits anything, and when the policy failed', () => {
  expect(holdDetail(held([]))).toBe('No rule permits an automatic course for this case.');
  expect(holdDetail({ ...held([]), errors: ['a trap'] })).toBe('The policy could not be evaluated: a trap');
});
