import { caseIn } from '@sallyport/case/testing';
import type { Change, Detection } from '@sallyport/evidence';
import { evidence, known, sampleInstant } from '@sallyport/evidence/testing';
import { evidencePanels } from './evidence.panel';

const detection: Detection = {
  ...{ id: 'd', kind: 'unlikelyTravel', markers: [], level: 'medium', state: 'atRisk', detail: 'none' },
  ...{ activityAt: null, detectedAt: sampleInstant(-60), updatedAt: sampleInstant(-60) },
  ...{ requestId: null, correlationId: null, ip: null, country: null },
};
const change: Change = {
  ...{ id: 'c', at: sampleInstant(-50), kind: 'other', activity: { untrusted: 'Enrol a wearable' } },
  ...{ mayBe: [], succeeded: true, by: 'subject', correlationId: null },
};
/** As a person reads it: no markup, one space between words. */
const textOf = (rows: { detections?: Detection[]; changes?: Change[] }): string => {
  const { detections = [], changes = [] } = rows;
  const found = evidence({ detections: known(detections), changes: known(changes) });
  const { markup } = evidencePanels({ ...caseIn('voting'), evidence: found });
  return markup.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ');
};

it.each<[string, Partial<Detection>, string]>([
  ['is open', {}, 'unlikelyTravel medium, 2026-03-02 07:00 UTC , atRisk'],
  [
    'was dismissed',
    { state: 'dismissed', detail: 'adminDismissedAllRiskForUser', updatedAt: sampleInstant(-30) },
    'unlikelyTravel medium, 2026-03-02 07:00 UTC , dismissed by an administrator 2026-03-02 07:30 UTC',
  ],
  [
    'was closed, and it is not told when',
    { state: 'remediated', detail: 'userPerformedSecuredPasswordReset', updatedAt: null },
    'unlikelyTravel medium, 2026-03-02 07:00 UTC , remediated by the user',
  ],
])('a detection that %s says so', (_what, over, words) => {
  expect(textOf({ detections: [{ ...detection, ...over }] })).toContain(words);
});

it.each<[string, Partial<Change>, string]>([
  ['is known', {}, 'Enrol a wearable 2026-03-02 07:10 UTC , by the user Enrol'],
  ['is new to us', { mayBe: ['securityInfoRegistered'] }, 'by the user not known what it changed'],
  ['failed', { succeeded: false }, 'by the user, failed'],
  [
    'timed out',
    { kind: 'consentGranted', succeeded: false, mayBe: ['consentGranted'] },
    'by the user, not known whether it succeeded',
  ],
])('a change that %s says so', (_what, over, words) => {
  const rows = [
    { ...change, ...over },
    { ...change, id: 'c-2' },
  ];
  expect(textOf({ changes: rows })).toContain(words);
});
