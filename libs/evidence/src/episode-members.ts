import { type Detection } from './evidence';

/**
 * A remediated detection at most this much older than the newest one belongs to the same episode. Passing MFA closes a
 * sign-in detection even where the attacker passed it (adversary in the middle), so closed does not mean harmless.
 */
export const episodeGapDays = 7;
const episodeGapMs = episodeGapDays * 24 * 60 * 60_000;

/** `unknown` counts as open: a state that is new to us must not hide a detection. */
const openStates: readonly Detection['state'][] = ['atRisk', 'confirmedCompromised', 'unknown'];
/** Somebody judged the detection harmless. */
export const settledStates: readonly Detection['state'][] = ['dismissed', 'confirmedSafe'];

/** What a case is about: its open detections, and closed ones near the newest that nobody judged harmless. */
export interface EpisodeMembers {
  open: readonly Detection[];
  all: readonly Detection[];
  /** When the newest of them was made, in milliseconds since the epoch. */
  newestMs: number;
  /** The first activity or detection among them, likewise. */
  firstMs: number;
}

/** One grouping for everybody who speaks of an episode. @returns null where nothing is unsettled */
export function episodeMembers(detections: readonly Detection[]): EpisodeMembers | null {
  const unsettled = detections.filter(({ state }) => !settledStates.includes(state));
  if (unsettled.length === 0) return null;
  const newestMs = Math.max(...unsettled.map(({ detectedAt }) => Date.parse(detectedAt)));
  const open = unsettled.filter(({ state }) => openStates.includes(state));
  const all = unsettled.filter(
    (detection) => open.includes(detection) || Date.parse(detection.detectedAt) >= newestMs - episodeGapMs,
  );
  return { open, all, newestMs, firstMs: Math.min(...all.map(firstSeenMs)) };
}

/** Offline detections are made hours or days after the activity they are about. */
function firstSeenMs({ activityAt, detectedAt }: Detection): number {
  return Math.min(Date.parse(detectedAt), Date.parse(activityAt ?? detectedAt));
}
