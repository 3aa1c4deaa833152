import { detectionMarkers, type DetectionMarker } from '@sallyport/evidence';

/**
 * riskEventType by what it means for the cure, lower case, because documents and services spell some kinds
 * differently. A stolen token survives a new password. Source: riskDetection in Graph v1.0 and
 * https://learn.microsoft.com/entra/id-protection/concept-identity-protection-risks
 */
const kinds: Record<DetectionMarker, ReadonlySet<string>> = {
  tokenTheft: new Set(['anomaloustoken', 'attackerinthemiddle', 'attemptedprtaccess', 'tokenissueranomaly']),
  nationState: new Set(['nationstateip']),
};

export function markersOf(riskEventType: string): DetectionMarker[] {
  return detectionMarkers.filter((marker) => kinds[marker].has(riskEventType.toLowerCase()));
}
