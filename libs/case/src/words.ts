import type { ApproverRole, StepKind } from '@sallyport/evidence';

/** What people read for each step, on cards, tickets and consoles: one wording everywhere. */
export const stepWords: Readonly<Record<StepKind, string>> = {
  revokeSessions: 'Sign the user out everywhere (revoke sessions)',
  forcePasswordChange: 'Scramble the password and force a change with MFA',
  raiseRisk: 'Confirm the user compromised, so that Conditional Access asks for a secure change',
  dismissRisk: 'Dismiss the user risk in Entra ID Protection',
  enableAccount: 'Enable the account',
};

export const roleWords: Readonly<Record<ApproverRole, string>> = {
  secops: 'SecOps on-call',
  identityOps: 'Identity Operations',
  manager: "User's manager (confirms who it is)",
  securityLead: 'Security lead',
};

/** Codes of the ServiceNow client and of the queue after which the instance may have written all the same. */
const unanswered = /^(timeout|connection|notJson|recordShape|stalled|http408|http5\d\d)$/;

/** Why a note is not known to be on the ticket, by the code of the failure. */
export function noteFailureWords(code: string): string {
  return unanswered.test(code) ? `${code}: no clear answer came, and the note may be there or not` : code;
}

/** `2026-11-20 09:12 UTC`: what people read may be read in many time zones at once. */
export function timeWords(instant: string): string {
  return `${instant.slice(0, 10)} ${instant.slice(11, 16)} UTC`;
}

/** How long from `now` until `then`, for people: `3 h 12 min`, or `less than a minute`. Null where it has passed. */
export function timeLeft(then: string, now: Date): string | null {
  const minutes = Math.floor((Date.parse(then) - now.getTime()) / 60_000);
  if (Date.parse(then) <= now.getTime()) return null;
  if (minutes < 1) return 'less than a minute';
  const days = Math.floor(minutes / 1_440);
  const hours = Math.floor((minutes % 1_440) / 60);
  const parts = [days > 0 ? `${days} d` : '', hours > 0 ? `${hours} h` : '', `${minutes % 60} min`];
  return parts.filter((part) => part !== '').join(' ');
}
