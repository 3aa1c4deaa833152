import type { ChangeKind } from '@sallyport/evidence';

/**
 * Audit activity names and what they mean to us, lower case. The names carry no contract: what is not here is
 * `other` and proves nothing.
 * Source: Microsoft Entra audit activity reference, edition of 2024-10.
 *
 * No name stands for `securePasswordChange`: a change forced by a user-risk policy and a voluntary one write the same
 * rows (`Change password (self-service)`, `Change user password`), so a row alone must not count as the former.
 */
const activities: Record<Exclude<ChangeKind, 'other' | 'securePasswordChange'>, readonly string[]> = {
  selfServiceReset: ['reset password (self-service)'],
  passwordChange: ['change password (self-service)', 'change user password'],
  adminPasswordReset: [
    'reset user password',
    'reset password',
    'reset password (by admin)',
    'set force change user password',
    'admin started password reset',
  ],
  securityInfoRegistered: [
    'user registered security info',
    'user registered all required security info',
    'user changed default security info',
    'user updated security info',
    'admin registered security info',
    'admin updated security info',
    'security info saved for self-service password reset',
    'add windows hello for business credential',
    'add passkey (device-bound)',
    'add passwordless phone sign-in credential',
    'add platform credential',
  ],
  securityInfoDeleted: [
    'user deleted security info',
    'admin deleted security info',
    'delete windows hello for business credential',
    'delete passkey (device-bound)',
    'delete passwordless phone sign-in credential',
    'delete platform credential',
  ],
  deviceRegistered: [
    'register device',
    'add device',
    'add registered owner to device',
    'add registered users to device',
  ],
  consentGranted: [
    'consent to application',
    'add delegated permission grant',
    'add app role assignment to service principal',
  ],
  roleAssigned: [
    'add member to role',
    'add eligible member to role',
    'add member to role in pim completed (timebound)',
    'add member to role in pim completed (permanent)',
    'add member to role outside of pim (permanent)',
    'add member to role completed (pim activation)',
  ],
  managerChanged: ['set user manager'],
  accountDisabled: ['disable account'],
  accountEnabled: ['enable account'],
  sessionsRevoked: ['update stsrefreshtokenvalidfrom timestamp'],
  riskDismissed: ['dismissuser', 'dismissrisk'],
};

const kindByName = new Map<string, ChangeKind>(
  Object.entries(activities).flatMap(([kind, names]) => names.map((name) => [name, kind as ChangeKind])),
);

export function changeKindOf(activityDisplayName: string): ChangeKind {
  return kindByName.get(activityDisplayName.trim().toLowerCase()) ?? 'other';
}
