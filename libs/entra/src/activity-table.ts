import type { ChangeKind } from '@sallyport/evidence';

/**
 * Audit activity names and what they mean to us, lower case. The names carry no contract: what is not here proves
 * nothing, neither that something happened nor that nothing did; see {@link possibleKindsOf}.
 * Source: Microsoft Entra audit activity reference, edition of 2024-10.
 *
 * No name stands for `securePasswordChange`: a change forced by a user-risk policy and a voluntary one write the same
 * rows (`Change password (self-service)`, `Change user password`), so a row alone must not count as the former.
 */
const activities: Record<Exclude<ChangeKind, 'securePasswordChange'>, readonly string[]> = {
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
  // Known, and nothing that a fact asks for. What updates of users and devices mean: see `meaningOfUpdate`.
  other: [
    'add user',
    'delete user',
    'restore user',
    'change user license',
    'add app role assignment grant to user',
    'remove app role assignment from user',
    'delete device',
    'unregister device',
    'device no longer compliant',
    'device no longer managed',
    'user reviewed security info',
    'user started security info registration',
    'user canceled security info registration',
    'user started password change',
    'user started password reset',
    'get passkey creation options',
    'restore multifactor authentication on all remembered devices',
    'unlock user account (self-service)',
    'self-service password reset flow activity progress',
    'blocked from self-service password reset',
    'fraud reported - no action taken',
    'fraud reported - user is blocked for mfa',
    'suspicious activity reported',
    'confirmaccountcompromised',
    'confirmaccountsafe',
    'confirmcompromised',
    'confirmsafe',
    'remove member from role',
  ],
};

const folded = (text: string | null | undefined) => text?.trim().toLowerCase() ?? '';
const kindByName = new Map<string, ChangeKind>(
  Object.entries(activities).flatMap(([kind, names]) => names.map((name) => [name, kind as ChangeKind])),
);

/** @returns null for a name that we do not know */
export function changeKindOf(activityDisplayName: string): ChangeKind | null {
  return kindByName.get(folded(activityDisplayName)) ?? null;
}

const securityInfo = ['securityInfoRegistered', 'securityInfoDeleted'] as const;
const anything = [
  ...securityInfo,
  'deviceRegistered',
  'consentGranted',
  'roleAssigned',
  'managerChanged',
] as const;

/** What an activity of these services can be, whatever its category. */
const byService = new Map<string, readonly ChangeKind[]>([
  ['authentication methods', securityInfo],
  ['azure mfa', securityInfo],
  ['self-service password management', securityInfo],
  // It registers devices, and the keys and passkeys on them.
  ['device registration service', [...securityInfo, 'deviceRegistered']],
  ['pim', ['roleAssigned']],
  ['identity protection', []],
]);
const byCategory = new Map<string, readonly ChangeKind[]>([
  ['usermanagement', [...securityInfo, 'managerChanged']],
  ['device', ['deviceRegistered']],
  ['applicationmanagement', ['consentGranted']],
  ['rolemanagement', ['roleAssigned']],
  // Domains and federation: whoever may change what the tenant trusts can become anybody in it.
  ['directorymanagement', ['roleAssigned']],
  // No fact rests on these, and what they lead to in the directory is logged there too. What a new group gives shows among
  // the roles, which are read as they are now.
  ...[
    'administrativeunit',
    'agreement',
    'entitlementmanagement',
    'groupmanagement',
    'policy',
    'provisioningmanagement',
    'taskmanagement',
    'workflowmanagement',
  ].map((category): [string, readonly ChangeKind[]] => [category, []]),
]);

/** What an activity can mean whose name we do not know. Anything, where service and category are new to us too. */
export function possibleKindsOf(
  service: string | null | undefined,
  category: string | null | undefined,
): readonly ChangeKind[] {
  return byService.get(folded(service)) ?? byCategory.get(folded(category)) ?? anything;
}
