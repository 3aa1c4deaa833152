import { randomBytes } from 'node:crypto';
import type { AccountBefore, ChangeKind, Obstacle, RiskState, StepKind } from '@sallyport/evidence';
import type { AccountPart, AccountState } from './account-reader';
import type { Priority } from './budget/budgets';
import type { GraphCall } from './graph-call';

/** Everything about one step in one place. The texts are for the generated reference, and for people who act by hand. */
export interface AccountStep {
  /** The one request. accountEnabled and passwordProfile apart, as one missing right would fail both. */
  request: (subjectId: string) => Omit<GraphCall, 'clientRequestId'>;
  /** Which budget goes first, and which of the executor's identities acts. */
  urgency: Extract<Priority, 'containment' | 'release'>;
  /** The least Graph application permission for it. */
  permission: string;
  /** The least directory role of the service principal, where the permission alone does not do. */
  directoryRole: string | null;
  /** What the preflight looks for: any of these makes it a step for a person. */
  obstacles: readonly Obstacle[];
  effect: string;
  /** What is read back. */
  part: AccountPart;
  proof: string;
  /**
   * @param moved whether this time has moved since before the call, by the rules of `proves`
   * @param before the account directly before the call; null where it could not be read
   */
  shows: (
    state: AccountState,
    moved: (mark: AccountMark) => boolean,
    before: AccountBefore | null,
  ) => boolean;
  /** How the directory's audit log tells of it. */
  auditedAs: readonly ChangeKind[];
  /** The same by name in lower case, where no fact asks for such a change. */
  auditNames?: readonly string[];
}

/** The times of an account by which an effect is told from an earlier one. */
export type AccountMark = 'sessionsValidFrom' | 'lastPasswordChangeAt';

/** States in which Identity Protection no longer counts the user as risky. */
const terminalRisk: ReadonlySet<RiskState> = new Set(['none', 'confirmedSafe', 'remediated', 'dismissed']);

/** Sources: the Graph v1.0 reference of each call, and "who can perform sensitive actions". */
export const accountSteps: Readonly<Record<StepKind, AccountStep>> = {
  revokeSessions: {
    request: (id) => ({ method: 'POST', path: `/users/${id}/revokeSignInSessions` }),
    urgency: 'containment',
    permission: 'User.RevokeSessions.All',
    directoryRole: null,
    obstacles: ['notGranted', 'guest', 'deleted'],
    effect: 'Refresh tokens and browser sessions end. An access token that is out lives on, an hour at most.',
    part: 'user',
    proof: '`signInSessionsValidFromDateTime` is later than before the call',
    shows: (_, moved) => moved('sessionsValidFrom'),
    auditedAs: ['sessionsRevoked'],
  },
  forcePasswordChange: {
    request: (id) => ({
      method: 'PATCH',
      path: `/users/${id}`,
      body: {
        passwordProfile: {
          password: forgottenPassword(),
          forceChangePasswordNextSignIn: true,
          forceChangePasswordNextSignInWithMfa: true,
        },
      },
    }),
    urgency: 'containment',
    permission: 'User-PasswordProfile.ReadWrite.All',
    directoryRole: 'User Administrator',
    obstacles: [
      ...(['notGranted', 'guest', 'deleted', 'privilegedTarget', 'managementRestricted'] as const),
      ...(['synced', 'federated', 'passwordless', 'noSelfServiceReset'] as const),
    ],
    effect: 'The password is a random one that nobody knows. The user gets in again by self-service reset.',
    part: 'user',
    proof: '`lastPasswordChangeDateTime` is later than before the call',
    shows: (_, moved) => moved('lastPasswordChangeAt'),
    auditedAs: ['adminPasswordReset', 'passwordChange', 'selfServiceReset', 'securePasswordChange'],
  },
  raiseRisk: {
    request: (id) => riskFeedback('confirmCompromised', [id]),
    urgency: 'containment',
    permission: 'IdentityRiskyUser.ReadWrite.All',
    directoryRole: null,
    obstacles: ['notGranted', 'guest', 'deleted'],
    effect:
      'The user risk is high and confirmed. Conditional Access lets nobody in but by MFA and a secure password change, which closes the risk; who can do neither is blocked.',
    part: 'risk',
    proof: '`riskState` is `confirmedCompromised`, `riskLevel` is `high`, and `isProcessing` is false',
    shows: ({ risk }) => risk?.state === 'confirmedCompromised' && risk.level === 'high' && !risk.processing,
    auditedAs: [],
    // https://learn.microsoft.com/entra/identity/monitoring-health/reference-audit-activities, Identity Protection
    auditNames: ['confirmaccountcompromised'],
  },
  dismissRisk: {
    request: (id) => riskFeedback('dismiss', [id]),
    urgency: 'release',
    permission: 'IdentityRiskyUser.ReadWrite.All',
    directoryRole: null,
    obstacles: ['notGranted', 'guest', 'deleted'],
    effect: 'The user and the open detections count as not at risk; the risk policies let the user in again.',
    part: 'risk',
    proof:
      '`riskState` is `confirmedSafe`, `remediated` or `dismissed`, or is `none` as before the call, and `isProcessing` is false',
    // Graph's 404 reads as `none` too, and a replica that does not know the row yet answers 404.
    shows: ({ risk }, _, before) =>
      risk !== null &&
      terminalRisk.has(risk.state) &&
      !risk.processing &&
      (risk.state !== 'none' || before?.riskState === 'none'),
    auditedAs: ['riskDismissed'],
  },
  enableAccount: {
    request: (id) => ({ method: 'PATCH', path: `/users/${id}`, body: { accountEnabled: true } }),
    urgency: 'release',
    permission: 'User.EnableDisableAccount.All',
    directoryRole: null,
    obstacles: ['notGranted', 'guest', 'deleted', 'privilegedTarget', 'managementRestricted', 'synced'],
    effect: 'The account may sign in again.',
    part: 'user',
    proof: '`accountEnabled` is true',
    shows: (state) => state.accountEnabled === true,
    auditedAs: ['accountEnabled'],
  },
};

/** Takes several users, and answers for all of them together with nothing about one. */
export function riskFeedback(
  action: 'dismiss' | 'confirmCompromised',
  userIds: readonly string[],
): Omit<GraphCall, 'clientRequestId'> {
  const path = `/identityProtection/riskyUsers/${action}`;
  return { method: 'POST', path, body: { userIds }, allEnumMembers: true };
}

/**
 * 384 random bits that nobody keeps: the user goes to self-service reset. The prefix meets Entra's rule of three
 * character classes whatever the bits are; the maximum length is 256.
 */
function forgottenPassword(): string {
  return `Aa1-${randomBytes(48).toString('base64url')}`;
}
