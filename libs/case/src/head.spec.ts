import type { Detection } from '@sallyport/evidence';
import { evidence, known, sampleInstant, subjectId, unknown } from '@sallyport/evidence/testing';
import { riskEpisodeKey } from '@sallyport/idempotency';
import { headOf, riskEpisodeOf } from './head';
import { after, caseIn, courses, decided } from './testing/a-case';

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

describe('a new ticket about the same user', () => {
  const governed = (...args: Parameters<typeof after>) => headOf(after(...args)).activeSubject !== null;
  const told = ['notice.posted', 'ticket.updated'] as const;

  it('is left to itself as soon as a case goes to a person, whether or not anybody could be told', () => {
    const asking = caseIn('advising');
    expect(governed(asking)).toBe(true);
    expect(governed(asking, 'review.opened')).toBe(false);
    expect(governed(asking, 'review.opened', 'notice.posted')).toBe(false);
    expect(governed(asking, 'review.opened', ...told)).toBe(false);
  });

  it('finds the case again that a person has sent back', () => {
    const back = after(caseIn('advising'), 'review.opened', ...told, 'review.resolved');
    expect(governed(back)).toBe(true);
    expect(governed(back, ...told)).toBe(true);
  });

  it('is left to itself where only the closing note is left', () => {
    const settled = after(caseIn('collected'), (c) => decided(c, courses.close));
    expect(governed(settled)).toBe(false);
    expect(governed(settled, 'ticket.updated')).toBe(false);
  });
});
