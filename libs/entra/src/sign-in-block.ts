import type { SignInBlock } from '@sallyport/evidence';

/**
 * Error codes of sign-ins that Entra refused because of the account, the risk or the way in, as opposed to a wrong
 * password (50126) or an interruption (50058, 50140). What was asked for and not given as MFA is told by `mfaOf`.
 * Source: https://learn.microsoft.com/entra/identity-platform/reference-error-codes
 */
const codes: Record<Exclude<SignInBlock, 'smartLockout' | 'maliciousAddress'>, readonly number[]> = {
  // IdsLocked says both, too many wrong passwords or an address with malicious activity; only the reason's text tells.
  lockedOrMaliciousAddress: [50053],
  accountDisabled: [50057],
  // PasswordChangeCompromisedPassword, ProofUpBlockedDueToRisk, UserBlockedDueToRiskOnHomeTenant.
  risk: [50142, 53004, 53011],
  // BlockedByConditionalAccess, and by a security policy of the tenant; ConditionalAccessFailed.
  conditionalAccess: [53003, 530032, 50131],
  // DeviceNotCompliant, DeviceNotDomainJoined, ApplicationUsedIsNotAnApprovedApp, 53009: needs app protection.
  deviceOrApp: [53000, 53001, 53002, 53009],
};

const byCode = new Map(
  Object.entries(codes).flatMap(([block, list]) => list.map((code) => [code, block as SignInBlock])),
);

/**
 * `status.failureReason` of 50053. The texts carry no contract: only what is in one of them alone counts, and a text with
 * neither leaves it open. Source: as above, AADSTS50053, and sign-in logs in Microsoft Entra ID.
 */
function lockOf(failureReason: string): SignInBlock {
  const text = failureReason.toLowerCase();
  const [locked, address] = [text.includes('too many times'), text.includes('malicious activity')];
  if (locked === address) return 'lockedOrMaliciousAddress';
  return locked ? 'smartLockout' : 'maliciousAddress';
}

/** @returns null where the sign-in was not blocked, or for a reason that is not listed: the code stays beside it. */
export function signInBlockOf(errorCode: number, failureReason: string | null = null): SignInBlock | null {
  const block = byCode.get(errorCode) ?? null;
  return block === 'lockedOrMaliciousAddress' ? lockOf(failureReason ?? '') : block;
}
