import type { Detection } from '@sallyport/evidence';
import { evidence, known, sampleInstant, subjectId, unknown } from '@sallyport/evidence/testing';
import { riskEpisodeKey } from '@sallyport/idempotency';
import { riskEpisodeOf } from './head';

const detection = (id: string, state: Detection['state']): Detection => ({
  ...{ id, kind: 'unfamiliarFeatures', markers: [], level: 'medium', state },
  ...{ activityAt: sampleInstant(-60), detectedAt: sampleInstant(-60), requestId: null, correlationId: null },
  ...{ ip: null, country: null },
});
const episode = (...detectionIds: string[]) =>
  known({
    id: riskEpisodeKey(subjectId, detectionIds),
    openedAt: sampleInstant(-60),
    newestAt: sampleInstant(-60),
    detectionIds,
  });

describe('the risk episode of a case', () => {
  it('is the one that the evidence names, whatever was dismissed long ago', () => {
    const now = evidence({
      detections: known([detection('open', 'atRisk'), detection('old', 'dismissed')]),
      episode: episode('open'),
    });
    expect(riskEpisodeOf(subjectId, now)).toBe(riskEpisodeKey(subjectId, ['open']));
  });

  it('is found again by a ticket that comes after everything was dismissed', () => {
    const before = evidence({ detections: known([detection('a', 'atRisk')]), episode: episode('a') });
    const after = evidence({ detections: known([detection('a', 'dismissed')]), episode: known(null) });
    expect(riskEpisodeOf(subjectId, after)).toBe(riskEpisodeOf(subjectId, before));
  });

  it.each([
    ['nobody is named', null, evidence({ detections: known([detection('a', 'atRisk')]) })],
    ['the detections are not read', subjectId, evidence({ detections: unknown() })],
    ['there is none', subjectId, evidence({ detections: known([]) })],
  ])('is not known where %s', (_what, subject, found) => {
    expect(riskEpisodeOf(subject, found)).toBeNull();
  });
});
