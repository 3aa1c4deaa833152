import { type Detection, episodeMembers, type Evidence } from '@sallyport/evidence';
import { isCut, knownValue } from './reading';
import { hourMs, suspectLeadHours } from './windows';

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

/** @returns undefined where the detections are not read. */
export function episodeOf(evidence: Evidence): Episode | undefined {
  const detections = knownValue(evidence.detections);
  if (!detections) return undefined;
  const complete = !isCut(detections);
  const members = episodeMembers(detections);
  if (!members) return { open: [], all: [], complete, newestMs: null, windowStartMs: null };
  const { open, all, newestMs, firstMs } = members;
  return {
    open,
    all,
    complete,
    newestMs,
    windowStartMs: complete ? firstMs - suspectLeadHours * hourMs : null,
  };
}
