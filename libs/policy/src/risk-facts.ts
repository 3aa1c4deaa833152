import {
  classifiedKinds,
  confirmedCompromiseKinds,
  type Detection,
  type DetectionMarker,
  type Evidence,
  leakedCredentialKinds,
  markersOf,
  threatIntelligenceKinds,
} from '@sallyport/evidence';
import { type Episode } from './episode';
import { type Answer, type Facts, unknownNumber } from './fact-docs';
import { answerOf, existence, isSettled, knownValue, msOf, reachesBack } from './reading';

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
  | 'hasUnclassifiedDetection'
  | 'campaignKnown'
  | 'campaignUsers'
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
    hasUnclassifiedDetection: has(({ kind }) => !classifiedKinds.has(kind.toLowerCase())),
    ...campaignFacts(evidence),
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

/** riskDetail values that mean: the user proved the identity with MFA and then replaced the password. */
const securedDetails = ['userPerformedSecuredPasswordReset', 'userPerformedSecuredPasswordChange'];

function selfRemediated(evidence: Evidence, episode: Episode | undefined, nowMs: number): Answer {
  const { risk, changes, logs } = evidence;
  if (risk.state === 'unknown') return 'unknown';
  if (risk.value.state !== 'remediated' || !securedDetails.includes(risk.value.detail)) return 'no';
  const since = episode?.complete ? episode.newestMs : null;
  if (since === null || changes.state === 'unknown') return 'unknown';
  const done = changes.value.some(
    ({ kind, succeeded, by, at }) =>
      (kind === 'selfServiceReset' || kind === 'securePasswordChange') &&
      succeeded &&
      by === 'subject' &&
      msOf(at) >= since,
  );
  return existence(done, reachesBack(changes, since, nowMs) && isSettled(logs, since));
}
