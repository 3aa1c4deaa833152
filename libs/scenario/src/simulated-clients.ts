import { stableGuid } from './tenant';

/**
 * The app registrations of the simulated tenant, one per service, each with the least it needs
 * (who holds what on a real tenant is the same table). Secrets here open nothing but the simulator.
 */
export interface SimulatedClient {
  appId: string;
  secret: string;
  /** Graph application permissions, granted with admin consent. */
  permissions: readonly string[];
  /** Directory roles of the service principal, by display name. */
  directoryRoles: readonly string[];
}

const client = (name: string, permissions: string[], directoryRoles: string[] = []): SimulatedClient => ({
  appId: stableGuid('app', name),
  secret: `simulated-${name}-secret`,
  permissions,
  directoryRoles,
});

const riskReader = ['IdentityRiskyUser.Read.All', 'IdentityRiskEvent.Read.All'];
const directoryReader = [
  'User.Read.All',
  'GroupMember.Read.All',
  'RoleManagement.Read.Directory',
  'RoleEligibilitySchedule.Read.Directory',
  'PrivilegedEligibilitySchedule.Read.AzureADGroup',
  'UserAuthenticationMethod.Read.All',
  'AuditLog.Read.All',
  'Policy.Read.All',
];
const containment = ['User.RevokeSessions.All', 'User-PasswordProfile.ReadWrite.All'];
const release = ['IdentityRiskyUser.ReadWrite.All', 'User.EnableDisableAccount.All'];

export const simulatedClients = {
  contextReader: client('context-reader', [...directoryReader, ...riskReader]),
  /** The default: one executor that contains and releases, and reads what it re-checks before it acts. */
  executor: client(
    'executor',
    [...new Set([...containment, ...release, ...directoryReader, ...riskReader])],
    ['User Administrator'],
  ),
  /** The two halves of a split executor: one tightens and reads, the other loosens and does nothing else. */
  executorContainment: client(
    'executor-containment',
    [...containment, ...directoryReader, ...riskReader],
    ['User Administrator'],
  ),
  executorRelease: client('executor-release', release),
  approvalBot: client('approval-bot', []),
  approvalReader: client('approval-reader', [
    'GroupMember.Read.All',
    'User.Read.All',
    'IdentityRiskyUser.Read.All',
  ]),
  /** Asks what {@link approvalReader} asks, for votes on the console: its own, so that each secret lives in one service. */
  consoleReader: client('console-reader', [
    'GroupMember.Read.All',
    'User.Read.All',
    'IdentityRiskyUser.Read.All',
  ]),
  /** OpenID Connect client of the console; it holds no Graph permission. */
  console: client('console', []),
} as const;

/** OAuth clients of the simulated ServiceNow instance, each acting as one integration user. */
export interface SimulatedServiceNowClient {
  clientId: string;
  secret: string;
  /** `sys_user.user_name` that writes are recorded under. */
  userName: string;
  /** `u_incident_create` is a role of the instance's own: none of the delivered ones creates without also changing. */
  roles: readonly ('sn_incident_read' | 'sn_incident_write' | 'u_incident_create')[];
}

export const simulatedServiceNowClients = {
  reader: {
    clientId: 'simulated-reader',
    secret: 'simulated-reader-secret',
    userName: 'svc.sallyport.reader',
    roles: ['sn_incident_read'],
  },
  /** Asks what {@link reader} asks, directly before acting: its own, so that each secret lives in one service. */
  executorReader: {
    clientId: 'simulated-executor-reader',
    secret: 'simulated-executor-reader-secret',
    userName: 'svc.sallyport.executor',
    roles: ['sn_incident_read'],
  },
  intake: {
    clientId: 'simulated-intake',
    secret: 'simulated-intake-secret',
    userName: 'svc.sallyport.intake',
    roles: ['sn_incident_read', 'u_incident_create'],
  },
  writer: {
    clientId: 'simulated-writer',
    secret: 'simulated-writer-secret',
    userName: 'svc.sallyport',
    roles: ['sn_incident_read', 'sn_incident_write'],
  },
} as const satisfies Record<string, SimulatedServiceNowClient>;

/** What triage presents to the simulated chat-completions endpoint. */
export const simulatedModel = { apiKey: 'simulated-model-key', deployment: 'simulated-model' } as const;
