import type {
  Capabilities,
  Capability,
  Obstacle,
  Registration,
  Risk,
  Roles,
  StepKind,
  User,
} from '@sallyport/evidence';

/** What our acting service principal was given, as configured; null where nobody told us. */
export interface OwnRights {
  /** Steps whose Graph permission is granted. */
  steps: readonly StepKind[] | null;
  directoryRole: 'none' | 'userAdministrator' | 'privilegedAuthenticationAdministrator' | null;
}

/** What is known about the target; null where it could not be read. */
export interface Target {
  user: User;
  roles: Roles | null;
  registration: Registration | null;
  risk: Risk | null;
}

/**
 * Holders of these a User Administrator may act on; every other role, custom ones too, needs one of the two strongest.
 * Source: "who can perform sensitive actions", privileged roles and permissions in Microsoft Entra ID.
 */
const withinUserAdministrator: ReadonlySet<string> = new Set([
  '88d8e3e3-8f55-4a1e-953a-9b9898b8876b', // Directory Readers
  '95e79109-95c0-4d8e-aee3-d01accf2d47b', // Guest Inviter
  '790c1fb9-7f7d-4f88-86a1-ef1f95c05c1b', // Message Center Reader
  '966707d0-3269-4727-9be2-8c3a10f19b9d', // Password Administrator
  '4a5d8f65-41da-4de4-8968-e035b65339cf', // Reports Reader
  '75934031-6c7e-415a-99d7-48dbd49e875e', // Usage Summary Reports Reader
  'fdd7a751-b60b-444a-984c-02652fe8fa1c', // Groups Administrator
  '729827e3-9c14-49f7-bb1b-9608f156bbb8', // Helpdesk Administrator
  'fe930be7-5e62-47db-91af-98c3a49a38b1', // User Administrator
]);

/** Whether each obstacle stands: true, false, or null where it cannot be told. */
type Standing = Partial<Record<Obstacle, boolean | null>>;

/** The preflight: what our own service principal may do to this account, before people are asked to approve it. */
export function capabilitiesFrom(target: Target, rights: OwnRights): Capabilities {
  const { user, roles, registration, risk } = target;
  const strongest = rights.directoryRole === 'privilegedAuthenticationAdministrator';
  const guest = user.userType === 'unknown' ? null : user.userType === 'guest';
  const deleted = risk && risk.deleted;
  const privilegedTarget = strongest ? false : roles && isBeyondUserAdministrator(roles);
  // Graph leaves the flag null where the account is in no such unit.
  const managementRestricted = !strongest && user.managementRestricted === true;
  const notGranted = (step: StepKind) => rights.steps && !rights.steps.includes(step);
  const unroled = rights.directoryRole && rights.directoryRole === 'none';
  return {
    // Not among the sensitive actions of the documentation, so privilege is no obstacle; a refusal is told as one.
    revokeSessions: capability({ notGranted: notGranted('revokeSessions'), guest, deleted }),
    forcePasswordChange: capability({
      notGranted: either(notGranted('forcePasswordChange'), unroled),
      guest,
      deleted,
      privilegedTarget,
      managementRestricted,
      synced: user.synced,
      federated: user.federated,
      passwordless: registration && isPasswordless(registration),
      // The new password is forgotten at once: without self-service reset the user would only be locked out.
      noSelfServiceReset: registration && !registration.selfServiceResetCapable,
    }),
    raiseRisk: capability({ notGranted: notGranted('raiseRisk'), guest, deleted }),
    dismissRisk: capability({ notGranted: notGranted('dismissRisk'), guest, deleted }),
    enableAccount: capability({
      notGranted: notGranted('enableAccount'),
      guest,
      deleted,
      privilegedTarget,
      managementRestricted,
      // The next sync would undo it.
      synced: user.synced,
    }),
  };
}

function capability(standing: Standing): Capability {
  const names = (wanted: boolean | null) =>
    (Object.keys(standing) as Obstacle[]).filter((name) => standing[name] === wanted);
  const certain = names(true);
  if (certain.length > 0) return { can: 'no', obstacles: certain };
  const possible = names(null);
  return { can: possible.length > 0 ? 'unknown' : 'yes', obstacles: possible };
}

function isBeyondUserAdministrator({ active, roleAssignableGroup }: Roles): boolean {
  return roleAssignableGroup || active.some(({ templateId }) => !withinUserAdministrator.has(templateId));
}

/** Methods that sign in without a password. Being able to go without one is not doing so: all must be of these. */
const passwordlessMethods: ReadonlySet<string> = new Set([
  'fido2SecurityKey',
  'macOsSecureEnclaveKey',
  'microsoftAuthenticatorPasswordless',
  'passKeyDeviceBound',
  'passKeyDeviceBoundAuthenticator',
  'passKeyDeviceBoundWindowsHello',
  'windowsHelloForBusiness',
]);

const isPasswordless = ({ methods }: Registration): boolean =>
  methods.length > 0 && methods.every((method) => passwordlessMethods.has(method));

/** Three-valued "or". */
function either(a: boolean | null, b: boolean | null): boolean | null {
  if (a === true || b === true) return true;
  return a === null || b === null ? null : false;
}
