import type { Action, ApproverRole, StepKind } from '@sallyport/evidence';

/** The same words on every card. */
export const stepWords: Record<StepKind, string> = {
  revokeSessions: 'Sign the user out everywhere (revoke sessions)',
  forcePasswordChange: 'Make the password useless and require a new one, with multifactor authentication',
  dismissRisk: 'Dismiss the user risk in Entra ID Protection',
  enableAccount: 'Enable the account',
};

export const actionWords: Record<Action, string> = {
  contain: 'Contain the account',
  release: 'Release the account',
  close: 'Close the case',
};

export const roleWords: Record<ApproverRole, string> = {
  secops: 'Security operations',
  identityOps: 'Identity operations',
  manager: "The user's manager",
  securityLead: 'Security lead',
};

/** `2026-11-20 09:12 UTC`: cards are read in many time zones at once. */
export function timeWords(instant: string): string {
  return `${instant.slice(0, 10)} ${instant.slice(11, 16)} UTC`;
}
