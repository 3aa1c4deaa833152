import { logIn, logOf } from '@sallyport/case/testing';
import { labelledCases } from './triage-cases';

it('makes one labelled case of each question that people answered', () => {
  const [approved, ...others] = labelledCases('case-1', logIn('executing'));
  expect(others).toEqual([]);
  expect(approved).toMatchObject({
    name: 'case-1 1',
    allowed: ['release'],
    outcome: 'release',
    evidence: { v: 1 },
  });
});

it('takes a no for nothing done, and silence for no answer', () => {
  const asked = [
    'evidence.collected',
    'policy.decided',
    'triage.written',
    'approval.requested',
    'notice.posted',
  ] as const;
  const decided = logIn('executing');
  const denied = decided.map((event) =>
    event.type === 'approval.decided' ? { ...event, outcome: 'denied' as const } : event,
  );
  expect(labelledCases('case-1', denied)).toMatchObject([{ outcome: 'none' }]);
  const expired = logOf(...asked, 'approval.decided');
  expect(expired.at(-1)).toMatchObject({ outcome: 'expired' });
  expect(labelledCases('case-1', expired)).toEqual([]);
  expect(labelledCases('case-1', logIn('stuck'))).toEqual([]);
});
