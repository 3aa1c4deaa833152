import { type Obstacle, type StepKind } from '@sallyport/evidence';

/** Why we do not do a step, and what a person does instead. */
export type ManualWords = readonly [reason: string, instruction: string];

export const unreadWords: ManualWords = [
  'The account could not be read.',
  'Find the account in the Entra admin center and decide there.',
];

/** What each obstacle means for each step. */
export const manualWords: Readonly<Record<Obstacle, (kind: StepKind) => ManualWords>> = {
  guest: (kind) => homeTenant[kind],
  deleted: () => [
    'The account is, or may be, deleted.',
    'Look in the deleted users of the Entra admin center, and restore or purge the account there.',
  ],
  synced: (kind) =>
    kind === 'enableAccount'
      ? [
          'The account is synced: the next sync would undo what we enable here.',
          'Enable the account in Active Directory and wait for the next sync.',
        ]
      : [
          'The account is synced: Active Directory is the authority for its password.',
          'Reset the password in Active Directory, twice, and wait for the next sync before you give the account back.',
        ],
  federated: () => [
    'The account is federated: another identity provider is the authority for its password.',
    'Reset the password at that identity provider, and check there which sessions and methods it still trusts.',
  ],
  privilegedTarget: (kind) => [
    'The account is, or may be, privileged: our service principal must not hold the right to do this.',
    `Have a Privileged Authentication Administrator ${privilegedTask[kind]} in the Entra admin center.`,
  ],
  managementRestricted: (kind) => [
    'The account is in a restricted-management administrative unit: our service principal may not change it.',
    `Have an administrator of that administrative unit ${privilegedTask[kind]}.`,
  ],
  passwordless: () => [
    'The account signs in without a password: a reset would prove nothing.',
    'Have the user sign in again with a registered passkey or Windows Hello, and check that each registered method is theirs.',
  ],
  noSelfServiceReset: () => [
    'The user cannot reset a password alone: a forced change would only lock them out.',
    'Verify the user in person or by video, then reset the password or issue a Temporary Access Pass.',
  ],
  notGranted: (kind) => [
    'Our service principal was not given the right to do this.',
    `Have an administrator ${privilegedTask[kind]} in the Entra admin center.`,
  ],
};

const privilegedTask: Readonly<Record<StepKind, string>> = {
  revokeSessions: 'revoke the sessions',
  forcePasswordChange: 'reset the password',
  raiseRisk: 'confirm the user compromised',
  dismissRisk: 'dismiss the risk',
  enableAccount: 'enable the account',
};

/** Risk, sessions and password of a guest belong to the home tenant; an unknown user type is treated the same. */
const homeTenant: Readonly<Record<StepKind, ManualWords>> = {
  revokeSessions: [
    'The account is, or may be, a guest: its sessions belong to its home organisation.',
    "Block the guest account here if needed, and ask the security contact of the guest's home organisation to revoke the sessions.",
  ],
  forcePasswordChange: [
    'The account is, or may be, a guest: its password belongs to its home organisation.',
    "Ask the security contact of the guest's home organisation to reset the password.",
  ],
  raiseRisk: [
    'The account is, or may be, a guest: its risk is computed in its home organisation.',
    "Tell the security contact of the guest's home organisation that the account is compromised.",
  ],
  dismissRisk: [
    'The account is, or may be, a guest: its risk is computed and closed in its home organisation.',
    "Ask the security contact of the guest's home organisation to investigate and close the risk.",
  ],
  enableAccount: [
    'The account is, or may be, a guest.',
    'Enable the guest account in the Entra admin center once the home organisation has answered.',
  ],
};
