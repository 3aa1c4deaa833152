import { stepKinds } from '@sallyport/evidence';
import {
  simulatedClients,
  simulatedModel,
  simulatedServiceNowClients,
  stableGuid,
  teamsChannelId,
  type SimulatedClient,
} from '@sallyport/scenario';

/** Services of the line and beside it, in the order in which they are listed to people. */
export const serviceNames = [
  'ingest',
  'context',
  'policy',
  'triage',
  'approval',
  'executor',
  'audit',
  'console',
] as const;
export type ServiceName = (typeof serviceNames)[number];

/** What the rehearsal tenant is called. */
export const rehearsal = {
  tenantId: stableGuid('tenant', 'rehearsal'),
  instance: 'fabrikamdev',
  /** Opens nothing but this rehearsal: every stack has its own database and simulator. */
  webhookSecret: `whsec_${Buffer.from('sallyport-rehearsal-webhook-key!').toString('base64')}`,
  alertSecret: `whsec_${Buffer.from('sallyport-rehearsal-alerts-key!!').toString('base64')}`,
} as const;

export interface StackAddresses {
  databaseUrl: string;
  queueUrl: string | undefined;
  simulatorUrl: string;
  caFile: string;
  clockFile: string;
  policyPack: string;
  ports: Readonly<Record<ServiceName, number>>;
}

/**
 * Each service's environment in a rehearsal: the same variables as on a real tenant, each secret in one service.
 * docs/secrets.md is the table for people.
 */
export function serviceEnv(name: ServiceName, at: StackAddresses): Record<string, string> {
  const shared = {
    DATABASE_URL: at.databaseUrl,
    ...(at.queueUrl && { QUEUE_URL: at.queueUrl }),
    NODE_EXTRA_CA_CERTS: at.caFile,
    SALLYPORT_CLOCK_FILE: at.clockFile,
    PORT: String(at.ports[name]),
    LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'info',
    SWEEP_INTERVAL_SECONDS: '2',
    // A rehearsal has few cases at a time, and ten processes share the machine.
    CONCURRENCY: at.queueUrl ? '8' : '4',
  };
  const graph = (client: SimulatedClient) => ({
    ENTRA_TENANT_ID: rehearsal.tenantId,
    ENTRA_CLIENT_ID: client.appId,
    ENTRA_CLIENT_SECRET: client.secret,
    GRAPH_BASE_URL: at.simulatorUrl,
    ENTRA_AUTHORITY_HOST: at.simulatorUrl,
    // The simulated tenant of a rehearsal has no limits, and nobody should wait for those of a real one.
    GRAPH_BUDGET_FACTOR: '100',
  });
  const standing = {
    BREAK_GLASS_GROUP_IDS: stableGuid('group', 'break-glass'),
    SERVICE_ACCOUNT_GROUP_IDS: stableGuid('group', 'service-accounts'),
    VIP_GROUP_IDS: stableGuid('group', 'vip'),
    SERVICE_ACCOUNT_UPN_PATTERNS: 'svc-*',
    BREAK_GLASS_ATTRIBUTES: 'extensionAttribute7=break-glass',
    OWN_APP_IDS: [simulatedClients.executorContainment, simulatedClients.executorRelease]
      .map(({ appId }) => appId)
      .join(','),
    FEDERATED_DOMAINS: 'none',
    // All that its registrations were given: accounts are contained by a new password here, not by raising the risk.
    EXECUTOR_STEPS: stepKinds.filter((step) => step !== 'raiseRisk').join(','),
    EXECUTOR_DIRECTORY_ROLE: 'userAdministrator',
  };
  const approverGroups = {
    SECOPS_GROUP_ID: stableGuid('group', 'secops'),
    IDENTITY_OPS_GROUP_ID: stableGuid('group', 'identity-ops'),
    SECURITY_LEAD_GROUP_ID: stableGuid('group', 'security-lead'),
  };
  const serviceNow = ({ clientId, secret }: { clientId: string; secret: string }) => ({
    SERVICENOW_URL: at.simulatorUrl,
    SERVICENOW_CLIENT_ID: clientId,
    SERVICENOW_CLIENT_SECRET: secret,
  });
  const own: Record<ServiceName, Record<string, string>> = {
    ingest: {
      ...serviceNow(simulatedServiceNowClients.intake),
      WEBHOOK_SECRETS: rehearsal.webhookSecret,
      ALERT_WEBHOOK_SECRETS: rehearsal.alertSecret,
      SERVICENOW_INSTANCE: rehearsal.instance,
      // The default, and the one of which cases are a dry run.
      TICKET_CATEGORIES: 'identity_risk,security,dry_run',
      BACKFILL_INTERVAL_SECONDS: '2',
      // All incidents of a scenario are there from its start; only those of this category are meant to be found.
      BACKFILL_QUERY: 'active=true^category=identity_risk',
    },
    context: {
      ...graph(simulatedClients.contextReader),
      ...serviceNow(simulatedServiceNowClients.reader),
      ...standing,
      WATCH_INTERVAL_SECONDS: '1',
    },
    policy: { POLICY_PACK: at.policyPack },
    triage: {
      MODEL_URL: `${at.simulatorUrl}/v1/chat/completions`,
      MODEL_NAME: simulatedModel.deployment,
      MODEL_API_KEY: simulatedModel.apiKey,
      // Nobody is real here, and an injected ticket must reach the model to be rehearsed.
      MODEL_MAY_SEE: 'names,addresses,ticketText',
      // A rehearsal plays a slow model as well.
      MODEL_BUDGET_SECONDS: '3',
    },
    approval: {
      ...graph(simulatedClients.approvalReader),
      ...approverGroups,
      BOT_APP_ID: simulatedClients.approvalBot.appId,
      BOT_APP_SECRET: simulatedClients.approvalBot.secret,
      BOT_OPENID_METADATA_URL: `${at.simulatorUrl}/botframework/v1/.well-known/openidconfiguration`,
      TEAMS_SERVICE_URL: `${at.simulatorUrl}/teams/`,
      TEAMS_APPROVALS_CHANNEL_ID: teamsChannelId('approvals'),
      ESCALATION_CHANNEL_ID: teamsChannelId('escalations'),
      ESCALATION_GROUP_ID: approverGroups.SECURITY_LEAD_GROUP_ID,
      CONSOLE_URL: `http://127.0.0.1:${at.ports.console}`,
      TEAMS_LIMITS_FACTOR: '100',
    },
    executor: {
      ...graph(simulatedClients.executorContainment),
      RELEASE_ENTRA_CLIENT_ID: simulatedClients.executorRelease.appId,
      RELEASE_ENTRA_CLIENT_SECRET: simulatedClients.executorRelease.secret,
      ...serviceNow(simulatedServiceNowClients.executorReader),
      DRY_RUN_CATEGORIES: 'dry_run',
      ...standing,
      POLICY_PACK: at.policyPack,
      // Graph settles in minutes; the simulated tenant in a second or two.
      READ_BACK_PATIENCE_SECONDS: '20',
      READ_BACK_INTERVAL_SECONDS: '1',
      // Scenarios share the stack: a fault that one of them plays must not strike another's dismissal.
      DISMISSALS_PER_CALL: '1',
      // Six seconds: long enough for a scenario to let something happen, and nobody waits an hour for a rehearsal.
      WATCH_MINUTES: '0.1',
      // A second: the simulated logs show everything at once.
      LOG_WAIT_MINUTES: '0.02',
    },
    audit: {
      ...serviceNow(simulatedServiceNowClients.writer),
      SERVICENOW_USER_NAME: simulatedServiceNowClients.writer.userName,
    },
    console: {
      ...graph(simulatedClients.consoleReader),
      ...approverGroups,
      OIDC_ISSUER: `${at.simulatorUrl}/oidc`,
      OIDC_CLIENT_ID: simulatedClients.console.appId,
      OIDC_CLIENT_SECRET: simulatedClients.console.secret,
      SESSION_SECRET: 'sallyport-rehearsal-session-secret-0000',
      PUBLIC_URL: `http://127.0.0.1:${at.ports.console}`,
    },
  };
  return { ...shared, ...own[name] };
}
