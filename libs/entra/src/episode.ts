import { episodeMembers, type Detection, type RiskEpisode } from '@sallyport/evidence';
import { riskEpisodeKey } from '@sallyport/idempotency';

/** The detections that a case is about, as one episode; null where nothing is unsettled. */
export function episodeFrom(subjectId: string, detections: readonly Detection[]): RiskEpisode {
  const members = episodeMembers(detections);
  if (!members) return null;
  const detectionIds = members.all.map(({ id }) => id).sort();
  return {
    id: riskEpisodeKey(subjectId, detectionIds),
    openedAt: new Date(members.firstMs).toISOString(),
    newestAt: new Date(members.newestMs).toISOString(),
    detectionIds,
  };
}
