import { type Detection, type Evidence } from '@sallyport/evidence';
import { isCut, knownValue, msOf } from './reading';
import { dayMs, episodeGapDays, hourMs, suspectLeadHours } from './windows';

/** The detections that a case is about. */
export interface Episode {
  open: readonly Detection[];
  /** Open ones, and closed ones near the newest that nobody judged harmless. */
  all: readonly Detection[];
  /** False where the list was cut, so that absence proves nothing. */
  complete: boolean;
  /** When the newest detection of the episode was made, ms; null without any. */
  newestMs: number | null;
  /** Where the suspect window opens, ms; null without any detection or where the list was cut. */
  windowStartMs: number | null;
}

/** `unknown` counts as open: a state that is new to us must not hide a detection. */
const openStates: readonly Detection['state'][] = ['atRisk', 'confirmedCompromised', 'unknown'];
const settledStates: readonly Detection['state'][] = ['dismissed', 'confirmedSafe'];

/** @returns undefined where the detections are not read. */
export function episodeOf(evidence: Evidence): Episode | undefined {
  const detections = knownValue(evidence.detections);
  if (!detections) return undefined;
  const complete = !isCut(detections);
  const unsettled = detections.filter(({ state }) => !settledStates.includes(state));
  const open = unsettled.filter(({ state }) => openStates.includes(state));
  if (unsettled.length === 0) return { open, all: [], complete, newestMs: null, windowStartMs: null };

  const newestMs = Math.max(...unsettled.map(({ detectedAt }) => msOf(detectedAt)));
  const near = newestMs - episodeGapDays * dayMs;
  const all = unsettled.filter(
    ({ state, detectedAt }) => openStates.includes(state) || msOf(detectedAt) >= near,
  );
  const oldestMs = Math.min(...all.map(firstSeenMs));
  return {
    open,
    all,
    complete,
    newestMs,
    windowStartMs: complete ? oldestMs - suspectLeadHours * hourMs : null,
  };
}

/** Offline detections are made hours or days after the activity they are about. */
function firstSeenMs({ activityAt, detectedAt }: Detection): number {
  return Math.min(msOf(detectedAt), msOf(activityAt ?? detectedAt));
}
