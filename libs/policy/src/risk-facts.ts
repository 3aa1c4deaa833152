import {
  type Change,
  type ChangeKind,
  classifiedKinds,
  confirmedCompromiseKinds,
  type Detection,
  type DetectionMarker,
  type Evidence,
  leakedCredentialKinds,
  markersOf,
  postCompromiseKinds,
  settledStates,
  threatIntelligenceKinds,
} from '@sallyport/evidence';
import { type Episode } from './episode';
import { type Answer, type Facts, unknownNumber } from './fact-docs';
import { answerOf, existence, isCut, isSettled, knownValue, mayBe, msOf, reachesBack } from './reading';
import { dayMs, dismissalDays } from './windows';

type RiskFacts = Pick<
  Facts,
  | 'riskLevel'
  | 'riskState'
  | 'riskProcessing'
  | 'highestDetectionLevel'
  | 'hasTokenTheft'
  | 'hasNationState'
  | 'hasThreatIntelligence'
  | 'hasLeakedCredentials'
  | 'hasConfirmedCompromise'
  | 'hasPostCompromiseActivity'
  | 'hasUnclassifiedDetection'
  | 'campaignKnown'
  | 'campaignUsers'
  | 'riskDismissedRecently'
  | 'selfRemediated'
>;

/** What Identity Protection says, and whether the user already answered it. */
export function riskFacts(evidence: Evidence, episode: Episode | undefined, nowMs: number): RiskFacts {
  const risk = knownValue(evidence.risk);
  const has = (matches: (detection: Detection) => boolean): Answer =>
    episode ? existence(episode.all.some(matches), episode.complete) : 'unknown';
  const ofKind = (kinds: ReadonlySet<string>) => has(({ kind }) => kinds.has(kind.toLowerCase()));
  // Markers were set when the evidence was collected, perhaps by another version that knows other kinds.
  const marked = (marker: DetectionMarker) =>
    has(({ kind, markers }) => markers.includes(marker) || markersOf(kind).includes(marker));
  return {
    riskLevel: risk?.level ?? 'unknown',
    riskState: risk?.state ?? 'unknown',
    riskProcessing: answerOf(risk?.processing),
    highestDetectionLevel: highestLevel(episode),
    hasTokenTheft: marked('tokenTheft'),
    hasNationState: marked('nationState'),
    hasThreatIntelligence: ofKind(threatIntelligenceKinds),
    hasLeakedCredentials: ofKind(leakedCredentialKinds),
    hasConfirmedCompromise: confirmedCompromise(evidence, has),
    hasPostCompromiseActivity: ofKind(postCompromiseKinds),
    hasUnclassifiedDetection: has(({ kind }) => !classifiedKinds.has(kind.toLowerCase())),
    ...campaignFacts(evidence),
    riskDismissedRecently: dismissedRecently(evidence, episode, nowMs),
    selfRemediated: selfRemediated(evidence, episode, nowMs),
  };
}

function campaignFacts({ campaign }: Evidence): Pick<Facts, 'campaignKnown' | 'campaignUsers'> {
  const kinds = knownValue(campaign)?.kinds;
  if (!kinds) return { campaignKnown: false, campaignUsers: unknownNumber };
  return { campaignKnown: true, campaignUsers: Math.max(0, ...kinds.map(({ users }) => users)) };
}

function highestLevel(episode: Episode | undefined): Facts['highestDetectionLevel'] {
  if (!episode) return 'unknown';
  // Closed ones as well: passing MFA closes a detection, and an adversary in the middle passes it.
  const levels = episode.all.map(({ level }) => level);
  if (levels.includes('high')) return 'high';
  if (!episode.complete || levels.includes('unknown') || levels.includes('hidden')) return 'unknown';
  if (levels.includes('medium')) return 'medium';
  return levels.includes('low') ? 'low' : 'none';
}

function confirmedCompromise(
  { risk }: Evidence,
  has: (matches: (detection: Detection) => boolean) => Answer,
): Answer {
  if (risk.state === 'known' && risk.value.state === 'confirmedCompromised') return 'yes';
  const seen = has(
    ({ kind, state }) => state === 'confirmedCompromised' || confirmedCompromiseKinds.has(kind.toLowerCase()),
  );
  // Without the risk reading, "no detection says so" is only half an answer.
  return seen === 'no' && risk.state === 'unknown' ? 'unknown' : seen;
}

/** Identity Protection closes detections by itself every day; that is nobody's judgement about the user. */
const closedByMicrosoft = 'aiConfirmedSigninSafe';

/**
 * Asked of the detections, which a dismissal closes, and of the audit log: a detection may be older than those that are
 * read, and its dismissal not.
 */
function dismissedRecently(
  { detections, changes, logs, history }: Evidence,
  episode: Episode | undefined,
  nowMs: number,
): Answer {
  const sinceMs = nowMs - dismissalDays * dayMs;
  const logged = knownValue(changes) ?? [];
  const recent = ({ at }: Change) => msOf(at) >= sinceMs;
  const inLog = logged.some((row) => row.kind === 'riskDismissed' && row.succeeded && recent(row));
  const recorded = (knownValue(history) ?? []).some(
    ({ state, detail, at }) =>
      settledStates.includes(state) && detail !== closedByMicrosoft && msOf(at) >= sinceMs,
  );
  const rows = knownValue(detections);
  if (!rows) return existence(inLog || recorded, false);
  const dismissed = rows.filter(
    ({ state, detail }) => settledStates.includes(state) && detail !== closedByMicrosoft,
  );
  const found = dismissed.some(({ updatedAt }) => updatedAt && msOf(updatedAt) >= sinceMs);
  const dated = !isCut(rows) && dismissed.every(({ updatedAt }) => updatedAt);
  const unclear = logged.some((row) => mayBe(row, ['riskDismissed']) && recent(row));
  const looked = isSettled(logs, episode?.newestMs ?? sinceMs) && reachesBack(changes, sinceMs, nowMs);
  return existence(inLog || recorded || found, dated && looked && !unclear);
}

/** riskDetail values that mean: the user proved the identity with MFA and then replaced the password. */
const securedReset = 'userPerformedSecuredPasswordReset';
const securedChange = 'userPerformedSecuredPasswordChange';
/**
 * The row of the audit log that must bear each of them out. A change that a risk policy forced and a voluntary one write
 * the same row, so it is the risk that says which it was.
 */
const rowsOf: ReadonlyMap<string, readonly ChangeKind[]> = new Map([
  [securedReset, ['selfServiceReset', 'securePasswordChange']],
  [securedChange, ['selfServiceReset', 'securePasswordChange', 'passwordChange']],
]);

function selfRemediated(evidence: Evidence, episode: Episode | undefined, nowMs: number): Answer {
  const { risk, changes, logs } = evidence;
  if (risk.state === 'unknown') return 'unknown';
  const { state, detail, lastUpdatedAt } = risk.value;
  const kinds = rowsOf.get(detail);
  if (state !== 'remediated' || !kinds) return 'no';
  const since = episode?.complete ? episode.newestMs : null;
  if (since === null || changes.state === 'unknown') return 'unknown';
  const done = changes.value.some(
    ({ kind, succeeded, by, at }) =>
      kinds.includes(kind) && succeeded && by === 'subject' && msOf(at) >= since,
  );
  if (detail === securedChange) {
    // It must be about these detections; and where the log does not bear it out, one of the two is wrong.
    const ofThese = lastUpdatedAt !== null && msOf(lastUpdatedAt) >= since;
    return done && ofThese ? 'yes' : 'unknown';
  }
  return existence(done, reachesBack(changes, since, nowMs) && isSettled(logs, since));
}
