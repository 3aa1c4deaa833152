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

/**
 * What somebody does who is inside already: rules that hide or forward mail, mail sent in bulk, files and directory read
 * in a way that the person never did. And what only the person can know: the report of an MFA prompt that they did not ask
 * for. A device or an address explains none of it. Source: as above, "user risk detections" and Defender for Cloud Apps.
 */
export const postCompromiseKinds = kinds(
  'anomalousUserActivity',
  'mcasFinSuspiciousFileAccess',
  'mcasSuspiciousInboxManipulationRules',
  'suspiciousAPITraffic',
  'suspiciousInboxForwarding',
  'suspiciousSendingPatterns',
  'userReportedSuspiciousActivity',
);

/** Kinds that are understood and are none of the above. `generic` is left out on purpose: it hides the real kind. */
const otherKinds = kinds(
  'anonymizedIPAddress',
  'impossibleTravel',
  'maliciousIPAddress',
  'malwareInfectedIPAddress',
  'mcasImpossibleTravel',
  'newCountry',
  'riskyIPAddress',
  'suspiciousBrowser',
  'suspiciousIPAddress',
  'unfamiliarFeatures',
  'unlikelyTravel',
);

/** Every kind whose meaning we know. */
export const classifiedKinds: ReadonlySet<string> = new Set([
  ...detectionMarkers.flatMap((marker) => [...marked[marker]]),
  ...threatIntelligenceKinds,
  ...leakedCredentialKinds,
  ...confirmedCompromiseKinds,
  ...postCompromiseKinds,
  ...otherKinds,
]);

/** What a riskEventType means for the cure. */
export function markersOf(riskEventType: string): DetectionMarker[] {
  return detectionMarkers.filter((marker) => marked[marker].has(riskEventType.toLowerCase()));
}
