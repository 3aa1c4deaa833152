import { type DetectionMarker, detectionMarkers } from './evidence';

/*
 * riskEventType is an open string. Kinds are compared in lower case, because documents and services spell some of them
 * differently (`attackerinTheMiddle`). Source: riskDetection in Graph v1.0 and
 * https://learn.microsoft.com/entra/id-protection/concept-identity-protection-risks
 */
const kinds = (...names: string[]): ReadonlySet<string> => new Set(names.map((name) => name.toLowerCase()));

const marked: Readonly<Record<DetectionMarker, ReadonlySet<string>>> = {
  /** A stolen token survives a password reset. */
  tokenTheft: kinds('anomalousToken', 'attackerinTheMiddle', 'attemptedPrtAccess', 'tokenIssuerAnomaly'),
  nationState: kinds('nationStateIP'),
};
export const threatIntelligenceKinds = kinds(
  'investigationsThreatIntelligence',
  'investigationsThreatIntelligenceSigninLinked',
);
/** Somebody else has the password: a spray is reported only where a password was right. */
export const leakedCredentialKinds = kinds(
  'leakedCredentials',
  'passwordSpray',
  'maliciousIPAddressValidCredentialsBlockedIP',
);
export const confirmedCompromiseKinds = kinds('adminConfirmedUserCompromised');

/** Kinds that are understood and are none of the above. `generic` is left out on purpose: it hides the real kind. */
const otherKinds = kinds(
  'anomalousUserActivity',
  'anonymizedIPAddress',
  'impossibleTravel',
  'maliciousIPAddress',
  'malwareInfectedIPAddress',
  'mcasFinSuspiciousFileAccess',
  'mcasImpossibleTravel',
  'mcasSuspiciousInboxManipulationRules',
  'newCountry',
  'riskyIPAddress',
  'suspiciousAPITraffic',
  'suspiciousBrowser',
  'suspiciousIPAddress',
  'suspiciousInboxForwarding',
  'suspiciousSendingPatterns',
  'unfamiliarFeatures',
  'unlikelyTravel',
  'userReportedSuspiciousActivity',
);

/** Every kind whose meaning we know. */
export const classifiedKinds: ReadonlySet<string> = new Set([
  ...detectionMarkers.flatMap((marker) => [...marked[marker]]),
  ...threatIntelligenceKinds,
  ...leakedCredentialKinds,
  ...confirmedCompromiseKinds,
  ...otherKinds,
]);

/** What a riskEventType means for the cure. */
export function markersOf(riskEventType: string): DetectionMarker[] {
  return detectionMarkers.filter((marker) => marked[marker].has(riskEventType.toLowerCase()));
}
