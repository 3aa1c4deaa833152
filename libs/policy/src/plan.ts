import { type Evidence, type ManualStep, type Plan, type StepKind, type User } from '@sallyport/evidence';
import { isPrivileged } from './privilege';
import { knownValue } from './reading';

/**
 * The steps of an action, with what we cannot do for this account named before people are asked to approve it.
 * Release dismisses the risk first: were the account enabled first, it would be open and still blocked by its risk.
 */
export function planFor(action: Plan['action'], evidence: Evidence): Plan {
  const wanted = action === 'contain' ? containSteps : releaseSteps(evidence);
  const manualSteps = wanted.flatMap((kind) => manualStep(kind, evidence) ?? []);
  const steps = wanted.filter((kind) => !manualSteps.some((manual) => manual.kind === kind));
  return { v: 1, action, steps, manualSteps };
}

const containSteps: readonly StepKind[] = ['revokeSessions', 'forcePasswordChange'];

function releaseSteps({ user }: Evidence): readonly StepKind[] {
  return knownValue(user)?.accountEnabled === false ? ['dismissRisk', 'enableAccount'] : ['dismissRisk'];
}

/** @returns why and how a person does this step instead, or null where we can do it. */
function manualStep(kind: StepKind, evidence: Evidence): ManualStep | null {
  const user = knownValue(evidence.user);
  const because = (reason: string, instruction: string) => ({ kind, reason, instruction });
  if (!user)
    return because(
      'The account could not be read.',
      'Find the account in the Entra admin center and decide there.',
    );
  if (user.userType !== 'member') return because(...homeTenant[kind]);
  if (kind === 'forcePasswordChange') return passwordStep(user, evidence);
  return kind === 'enableAccount' ? enableStep(user) : null;
}

/** Risk, sessions and password of a guest belong to the home tenant; an unknown user type is treated the same. */
const homeTenant: Record<StepKind, [reason: string, instruction: string]> = {
  revokeSessions: [
    'The account is, or may be, a guest: its sessions belong to its home organisation.',
    "Block the guest account here if needed, and ask the security contact of the guest's home organisation to revoke the sessions.",
  ],
  forcePasswordChange: [
    'The account is, or may be, a guest: its password belongs to its home organisation.',
    "Ask the security contact of the guest's home organisation to reset the password.",
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

function passwordStep(user: User, { roles, registration }: Evidence): ManualStep | null {
  const step = (reason: string, instruction: string): ManualStep => ({
    kind: 'forcePasswordChange',
    reason,
    instruction,
  });
  if (user.synced)
    return step(
      'The account is synced: Active Directory is the authority for its password.',
      'Reset the password in Active Directory, twice, and wait for the next sync before you give the account back.',
    );
  if (user.federated === true)
    return step(
      'The account is federated: another identity provider is the authority for its password.',
      'Reset the password at that identity provider, and check there which sessions and methods it still trusts.',
    );
  const held = knownValue(roles);
  if (!held || isPrivileged(held))
    return step(
      'The account is, or may be, privileged: our service principal must not hold the right to reset it.',
      'Have a Privileged Authentication Administrator reset the password in the Entra admin center.',
    );
  if (user.managementRestricted === true)
    return step(
      'The account is in a restricted-management administrative unit: our service principal may not reset it.',
      'Have an administrator of that administrative unit reset the password.',
    );
  const registered = knownValue(registration);
  if (registered && isPasswordless(registered.methods))
    return step(
      'The account signs in without a password: a reset would prove nothing.',
      'Have the user sign in again with a registered passkey or Windows Hello, and check that each registered method is theirs.',
    );
  if (registered && !registered.selfServiceResetCapable)
    return step(
      'The user cannot reset a password alone: a forced change would only lock them out.',
      'Verify the user in person or by video, then reset the password or issue a Temporary Access Pass.',
    );
  return null;
}

function enableStep(user: User): ManualStep | null {
  if (user.synced)
    return {
      kind: 'enableAccount',
      reason: 'The account is synced: the next sync would undo what we enable here.',
      instruction: 'Enable the account in Active Directory and wait for the next sync.',
    };
  if (user.managementRestricted === true)
    return {
      kind: 'enableAccount',
      reason:
        'The account is in a restricted-management administrative unit: our service principal may not enable it.',
      instruction: 'Have an administrator of that administrative unit enable the account.',
    };
  return null;
}

/** Method names of the registration report that sign in without a password. */
const passwordlessMethods: readonly string[] = [
  'fido2SecurityKey',
  'macOsSecureEnclaveKey',
  'microsoftAuthenticatorPasswordless',
  'passKeyDeviceBound',
  'passKeyDeviceBoundAuthenticator',
  'passKeyDeviceBoundWindowsHello',
  'windowsHelloForBusiness',
];

/** Only where every registered method is one of them: being able to go without a password is not doing so. */
function isPasswordless(methods: readonly string[]): boolean {
  return methods.length > 0 && methods.every((method) => passwordlessMethods.includes(method));
}
