import { riskDetails } from '@sallyport/scenario';
import { type Call } from '../surface';

/**
 * Members declared after `unknownFutureValue`, by the property they appear in. A client that does not send
 * `Prefer: include-unknown-enum-members` gets `unknownFutureValue` instead. Source: Graph v1.0 CSDL, 2026-08-04.
 */
const laterRiskDetails: readonly string[] = riskDetails.slice(riskDetails.indexOf('unknownFutureValue') + 1);
const later: Readonly<Record<string, readonly string[]>> = {
  riskDetail: laterRiskDetails,
  detail: laterRiskDetails,
  activity: ['servicePrincipal'],
  tokenIssuerType: ['AzureADBackupAuth', 'ADFederationServicesMFAAdapter', 'NPSExtension'],
  result: ['reportOnlySuccess', 'reportOnlyFailure', 'reportOnlyNotApplied', 'reportOnlyInterrupted'],
};

export const wantsUnknownMembers = (call: Call): boolean =>
  (call.header('prefer') ?? '').includes('include-unknown-enum-members');

export function maskLaterMembers(value: unknown, call: Call): unknown {
  return wantsUnknownMembers(call) ? value : mask(value);
}

function mask(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(mask);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      typeof inner === 'string' && later[key]?.includes(inner) ? 'unknownFutureValue' : mask(inner),
    ]),
  );
}
