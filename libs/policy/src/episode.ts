import {
  type Detection,
  episodeMembers,
  type Evidence,
  evidenceMaxRows,
  type RiskHistoryItem,
  type RiskLevel,
  type RiskState,
  settledStates,
} from '@sallyport/evidence';
import { isCut, knownValue, msOf } from './reading';
import { clockSkewMinutes, hourMs, minuteMs, suspectLeadHours } from './windows';

/** The detections that a case is about. */
export interface Episode {
  open: readonly Detection[];
  /** Open ones, and closed ones near the newest that nobody judged harmless. */
  all: readonly Detection[];
  /**
   * False where there may be more than was read, so that absence proves nothing: the list was cut, or it does not
   * explain the risk of the user.
   */
  complete: boolean;
  /** When the newest detection of the episode was made, ms; null without any. */
  newestMs: number | null;
  /** Where the suspect window opens, ms; null without any detection or where there may be older ones. */
  windowStartMs: number | null;
  /** The suspect window opens then or earlier, ms: what happened since is in it. null without any detection. */
  windowReachedMs: number | null;
}

/** @returns undefined where the detections are not read. */
export function episodeOf(evidence: Evidence): Episode | undefined {
  const detections = knownValue(evidence.detections);
  if (!detections) return undefined;
  const members = episodeMembers(detections);
  const open = members?.open ?? [];
  const complete = !isCut(detections) && explains(evidence, detections, open);
  if (!members) {
    return { open, all: [], complete, newestMs: null, windowStartMs: null, windowReachedMs: null };
  }
  const { all, newestMs, firstMs } = members;
  const windowReachedMs = firstMs - suspectLeadHours * hourMs;
  return { open, all, complete, newestMs, windowStartMs: complete ? windowReachedMs : null, windowReachedMs };
}

/** From so many people with the same detection on, every pack is proven to release none of them. */
const campaignUsers = 10;

/**
 * Whether a release may follow, so that what detections do not show any more has to be asked of the history. It is one
 * call of the scarcest budget for each user, and in a campaign, where many come at once, nobody is released.
 */
export function asksHistory({ risk, campaign }: Pick<Evidence, 'risk' | 'campaign'>): boolean {
  const kinds = knownValue(campaign)?.kinds;
  const value = knownValue(risk);
  if (!kinds || !value || value.processing || value.state !== 'atRisk') return false;
  return kinds.every(({ users }) => users < campaignUsers);
}

const closedRisk: readonly RiskState[] = ['none', 'remediated', ...settledStates];
/** A level that is hidden or new to us is above and below nothing. */
const ranks: Partial<Record<RiskLevel, number>> = { none: 0, low: 1, medium: 2, high: 3 };

/**
 * Whether the detections account for the risk. Risk stays open for longer than Graph keeps detections: where it is higher
 * than what they say, or its history names a kind that none of them has, something is there that we do not see.
 */
function explains(evidence: Evidence, seen: readonly Detection[], open: readonly Detection[]): boolean {
  const risk = knownValue(evidence.risk);
  if (!risk) return false;
  if (closedRisk.includes(risk.state)) return true;
  const rank = ranks[risk.level];
  const highest = Math.max(...open.map(({ level }) => ranks[level] ?? -1));
  if (rank === undefined || open.length === 0 || highest < rank) return false;
  const history = knownValue(evidence.history);
  if (history === null) return !asksHistory(evidence);
  return history !== undefined && tellsNoMore(history, seen);
}

/**
 * Whether all that was recorded since the risk was last closed is among these detections. What was made after an
 * entry is not what that entry speaks of.
 */
function tellsNoMore(history: readonly RiskHistoryItem[], seen: readonly Detection[]): boolean {
  const closedMs = Math.max(
    ...history.filter(({ state }) => closedRisk.includes(state)).map(({ at }) => msOf(at)),
  );
  if (history.length >= evidenceMaxRows && !Number.isFinite(closedMs)) return false;
  const shows = (kind: string, atMs: number) =>
    seen.some(
      (one) =>
        one.kind.toLowerCase() === kind.toLowerCase() &&
        msOf(one.detectedAt) <= atMs + clockSkewMinutes * minuteMs,
    );
  return history
    .filter(({ state, at }) => !closedRisk.includes(state) && msOf(at) >= closedMs)
    .every(({ kinds, at }) => kinds.every((kind) => shows(kind, msOf(at))));
}
