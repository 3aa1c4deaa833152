import { type Evidence, type EvidencePart, type Instant, type Unadvised } from '@sallyport/evidence';
import { accountFacts } from './account-facts';
import { episodeOf } from './episode';
import { type Facts, unknownNumber } from './fact-docs';
import { peopleFacts } from './people-facts';
import { proofFacts, proofOf } from './proof-facts';
import { msOf } from './reading';
import { riskFacts } from './risk-facts';
import { signInFacts } from './sign-in-facts';
import { windowFacts } from './window-facts';
import { clockSkewMinutes, minuteMs } from './windows';

/** Without each of these nothing may be done to the account, not even containment. */
export const requiredParts = ['ticket', 'user', 'standing', 'roles', 'risk', 'detections'] as const;
/** The required readings that age. The ticket names whom the case is about, and that does not change with time. */
export const agingParts = ['user', 'standing', 'roles', 'risk', 'detections'] as const;
/** What release needs on top. The registration report lags by hours and is not among them. */
export const releaseParts = ['signIns', 'changes', 'devices', 'manager'] as const;

/**
 * Everything that rules may know, flat and plain; `factDocs` says what each fact means and when it is unknown.
 * No fact is made from untrusted text, and the order of rows does not matter.
 *
 * @throws RangeError where `now` is not an instant.
 */
export function factsFrom(evidence: Unadvised<Evidence>, now: Instant): Facts {
  const nowMs = msOf(now);
  const episode = episodeOf(evidence);
  const proof = proofOf(evidence, episode);
  // Not spread into one literal: V8 makes a slow object of that many spread properties, at twenty times the cost.
  return Object.assign(
    readingFacts(evidence, nowMs),
    accountFacts(evidence),
    riskFacts(evidence, episode, nowMs),
    proofFacts(evidence, episode, proof, nowMs),
    signInFacts(evidence, episode, proof, nowMs),
    windowFacts(evidence, episode, nowMs),
    peopleFacts(evidence, episode, nowMs),
  );
}

type ReadingFacts = Pick<
  Facts,
  'readingsComplete' | 'releaseReadingsComplete' | 'evidenceAgeKnown' | 'evidenceAgeMinutes'
>;

function readingFacts(evidence: Evidence, nowMs: number): ReadingFacts {
  const complete = (parts: readonly EvidencePart[]) =>
    parts.every((part) => evidence[part]?.state === 'known');
  const readMs = agingParts.map((part) => msOf(evidence[part].source.readAt));
  // One reading from the future says that a clock is wrong, and then no age can be trusted.
  const believable = readMs.every((at) => at <= nowMs + clockSkewMinutes * minuteMs);
  const ageKnown = complete(agingParts) && believable;
  const ageMinutes = Math.max(0, Math.ceil((nowMs - Math.min(...readMs)) / minuteMs));
  return {
    readingsComplete: complete(requiredParts) ? 'yes' : 'no',
    releaseReadingsComplete: complete(releaseParts) ? 'yes' : 'no',
    evidenceAgeKnown: ageKnown,
    evidenceAgeMinutes: ageKnown ? ageMinutes : unknownNumber,
  };
}
