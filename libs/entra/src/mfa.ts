import type { SignIn } from '@sallyport/evidence';

/**
 * `status.additionalDetails` that say MFA was required and done, lower case. v1.0 has no other field for it
 * (`authenticationDetails` is beta). The texts carry no contract, so only exact ones count; all else is `unknown`.
 * Source: sign-in log documentation of Microsoft Entra multifactor authentication.
 */
const passedDetails = new Set([
  'mfa completed in azure ad',
  'mfa successfully completed',
  'mfa requirement satisfied by strong authentication',
]);

/** An earlier MFA, of whenever: whoever stole the session, or the session at the other provider, has the claim too. */
const claimedDetails = new Set([
  'mfa requirement satisfied by claim in the token',
  'mfa requirement satisfied by claim provided by external provider',
]);

/**
 * Sign-in error codes that say MFA was asked for and not given: 50074 and 50076 challenge not answered, 500121
 * denied or failed. Source: Microsoft Entra authentication error codes.
 */
const notPassedCodes = new Set([50074, 50076, 500121]);

export function mfaOf(signIn: {
  errorCode: number;
  additionalDetails: string | null;
  riskDetail: string | null;
}): SignIn['mfa'] {
  if (notPassedCodes.has(signIn.errorCode)) return 'notPassed';
  if (signIn.errorCode !== 0) return 'unknown';
  if (signIn.riskDetail === 'userPassedMFADrivenByRiskBasedPolicy') return 'passed';
  const details = signIn.additionalDetails?.trim().toLowerCase() ?? '';
  if (claimedDetails.has(details)) return 'claimed';
  return passedDetails.has(details) ? 'passed' : 'unknown';
}
