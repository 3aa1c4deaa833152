import { type Detection } from '@sallyport/evidence';
import { closedBy, closedWords } from './detection-words';

it.each([
  ['dismissed', 'adminDismissedAllRiskForUser', 'dismissed by an administrator'],
  ['dismissed', 'm365DAdminDismissedDetection', 'dismissed by an administrator'],
  ['confirmedSafe', 'aiConfirmedSigninSafe', 'confirmed safe by Microsoft'],
  ['remediated', 'userPerformedSecuredPasswordReset', 'remediated by the user'],
  ['remediated', 'none', 'remediated'],
  ['dismissed', undefined, 'dismissed'],
  ['atRisk', 'none', null],
  ['unknown', 'none', null],
] as const)('a detection that is %s with %s is %s', (state, detail, words) => {
  expect(closedBy({ state, ...(detail && { detail }) })).toBe(words);
});

it('says when, where that is told', () => {
  const closed: Detection = {
    ...{ id: 'd', kind: 'unlikelyTravel', markers: [], level: 'low', state: 'dismissed' },
    ...{ detail: 'adminDismissedAllRiskForUser', updatedAt: '2026-11-20T09:12:30.000Z' },
    ...{ activityAt: null, detectedAt: '2026-11-18T00:00:00.000Z' },
    ...{ requestId: null, correlationId: null, ip: null, country: null },
  };
  expect(closedWords(closed)).toBe('dismissed by an administrator 2026-11-20 09:12 UTC');
  expect(closedWords({ ...closed, updatedAt: null })).toBe('dismissed by an administrator');
  expect(closedWords({ ...closed, state: 'atRisk' })).toBeNull();
});
