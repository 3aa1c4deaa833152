import type { Detection, RiskEpisode } from '@sallyport/evidence';
import { riskEpisodeKey } from '@sallyport/idempotency';

/**
 * A remediated detection at most this much older than the newest one belongs to the same episode: passing MFA closes a
 * sign-in detection even where the attacker passed it.
 */
const episodeGapMs = 7 * 24 * 60 * 60_000;
/** A state that is new to us must not hide a detection. */
const openStates: readonly Detection['state'][] = ['atRisk', 'confirmedCompromised', 'unknown'];
const settledStates: readonly Detection['state'][] = ['dismissed', 'confirmedSafe'];

/** The detections that a case is about, as one episode; null where nothing is unsettled. */
export function episodeFrom(subjectId: string, detections: readonly Detection[]): RiskEpisode {
  const unsettled = detections.filter(({ state }) => !settledStates.includes(state));
  const [newestAt] = unsettled
    .map(({ detectedAt }) => detectedAt)
    .sort()
    .reverse();
  if (newestAt === undefined) return null;
  const near = new Date(Date.parse(newestAt) - episodeGapMs).toISOString();
  const members = unsettled.filter(
    ({ state, detectedAt }) => openStates.includes(state) || detectedAt >= near,
  );
  const detectionIds = members.map(({ id }) => id).sort();
  // Offline detections are made hours or days after the activity they are about.
  const begun = members.map(({ activityAt, detectedAt }) =>
    activityAt !== null && activityAt < detectedAt ? activityAt : detectedAt,
  );
  return {
    id: riskEpisodeKey(subjectId, detectionIds),
    openedAt: begun.sort()[0] ?? newestAt,
    newestAt,
    detectionIds,
  };
}
