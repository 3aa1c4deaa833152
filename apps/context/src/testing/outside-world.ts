/** For specs: a ServiceNow instance and a directory that know one ticket and one ordinary user, over real HTTP. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RiskyUser, User, UserRegistrationDetails } from '@microsoft/microsoft-graph-types';
import { graphClientWith, systemRuntime } from '@sallyport/entra';
import { SharedReads } from '@sallyport/entra/shared';
import { AskedGraph } from '@sallyport/entra/testing';
import { callerId, managerId, sampleInstant, subjectId } from '@sallyport/evidence/testing';
import { createServiceNowClient, TicketReader } from '@sallyport/servicenow';
import { contextConfig } from '../config';
import { EvidenceCollector } from '../evidence-collector';
import { Watcher } from '../watcher';

export interface Reply {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

/** An outage that asks for more patience than a read has, so that nobody waits for it. */
export const outage: Reply = {
  status: 503,
  body: { error: { code: 'serviceUnavailable' } },
  headers: { 'retry-after': '60' },
};

const json = (body: unknown): Reply => ({ status: 200, body });
/** A row as Microsoft types it. */
const row = <Row>(of: Row): Reply => json(of);
const none = json({ value: [] });
const user = `/v1.0/users/${subjectId}`;
const subjectField = 'u_risky_user.u_entra_object_id';

/** What is answered, by the start of the path; the longest start wins. */
const ordinary = (): Record<string, Reply> => ({
  '/oauth_token.do': json({ access_token: 'token', expires_in: 1_800 }),
  '/api/now/v2/table/incident/': json({ result: ticketRow() }),
  [user]: row<User>({
    id: subjectId,
    displayName: 'Sam Subject',
    userPrincipalName: 'sam@contoso.example',
    accountEnabled: true,
    userType: 'Member',
    onPremisesSyncEnabled: null,
  }),
  [`${user}/manager`]: row<User>({ id: managerId, displayName: 'Max Manager', accountEnabled: true }),
  [`${user}/transitiveMemberOf`]: none,
  '/v1.0/groups': none,
  [`${user}/checkMemberGroups`]: none,
  [`${user}/registeredDevices`]: none,
  '/v1.0/roleManagement/': none,
  '/v1.0/identityGovernance/': none,
  '/v1.0/auditLogs/': none,
  '/v1.0/identityProtection/riskDetections': none,
  '/v1.0/identityProtection/riskyUsers': none,
  '/v1.0/identityProtection/riskyUsers/': riskRow({}),
  [`/v1.0/identityProtection/riskyUsers/${subjectId}/history`]: none,
  '/v1.0/reports/': row<UserRegistrationDetails>({
    isMfaRegistered: true,
    isSsprCapable: true,
    isPasswordlessCapable: false,
  }),
});

export function riskRow(over: Record<string, unknown>): Reply {
  const documented: RiskyUser = {
    riskLevel: 'medium',
    riskState: 'atRisk',
    riskDetail: 'none',
    riskLastUpdatedDateTime: sampleInstant(-60),
    isProcessing: false,
    isDeleted: false,
  };
  return json({ ...documented, ...over });
}

export function ticketRow(over: Record<string, string> = {}) {
  return {
    sys_id: 'a'.repeat(32),
    number: 'INC0010001',
    state: '2',
    active: 'true',
    category: 'security',
    contact_type: 'self-service',
    sys_mod_count: '1',
    short_description: 'Risky user',
    description: 'Please look at this account.',
    [subjectField]: subjectId,
    caller_id: 'c'.repeat(32),
    'caller_id.u_entra_object_id': callerId,
    opened_by: '',
    'opened_by.u_entra_object_id': '',
    ...over,
  };
}

export async function outsideWorld(clock: () => Date) {
  const world = {
    replies: ordinary(),
    /** Awaited before each answer of the directory. */
    hold: () => Promise.resolve(),
    asked: [] as string[],
  };
  const sent = new AskedGraph();
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://localhost');
    world.asked.push(pathname);
    const [start] = Object.keys(world.replies)
      .filter((candidate) => pathname.startsWith(candidate))
      .sort((a, b) => b.length - a.length);
    const reply = (start && world.replies[start]) || { status: 404, body: { error: { code: 'notFound' } } };
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (!pathname.startsWith('/v1.0/')) return;
      sent.saw(request.method, request.url, Buffer.concat(chunks).toString('utf8'));
    });
    void (pathname.startsWith('/v1.0/') ? world.hold() : Promise.resolve()).then(() => {
      response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers });
      response.end(JSON.stringify(reply.body ?? {}));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const config = contextConfig.parse({
    DATABASE_URL: 'postgres://not-used',
    ENTRA_TENANT_ID: managerId,
    ENTRA_CLIENT_ID: managerId,
    ENTRA_CLIENT_SECRET: 'not used',
    SERVICENOW_URL: origin,
    SERVICENOW_CLIENT_ID: 'context',
    SERVICENOW_CLIENT_SECRET: 'not secret',
    BREAK_GLASS_GROUP_IDS: managerId,
    SERVICE_ACCOUNT_GROUP_IDS: 'none',
    VIP_GROUP_IDS: 'none',
  });
  const credential = { getToken: async () => ({ token: 'spec', expiresOnTimestamp: Date.UTC(2100, 0, 1) }) };
  const graph = graphClientWith(credential, { baseUrl: origin, timeoutMs: 5_000 });
  const serviceNow = createServiceNowClient({
    instanceUrl: origin,
    clientId: config.SERVICENOW_CLIENT_ID,
    clientSecret: config.SERVICENOW_CLIENT_SECRET,
  });
  const tickets = new TicketReader(serviceNow, clock);
  return {
    world,
    /** The configured list of owners. */
    owners: config.ACCOUNT_OWNERS,
    collector: new EvidenceCollector(graph, tickets, config, clock),
    /** One whose cases share what they read of risk and logs, as in the service. */
    together: () => {
      const shared = new SharedReads(graph, { ...systemRuntime, now: clock });
      return new EvidenceCollector(graph, tickets, config, clock, shared);
    },
    /** One that looks every minute. */
    watcher: (clockAheadMs = 0) => {
      const shared = new SharedReads(graph, { ...systemRuntime, now: clock });
      return new Watcher(graph, shared, clock, 60_000, () => Promise.resolve(clockAheadMs));
    },
    reset: () => Object.assign(world, { replies: ordinary(), hold: () => Promise.resolve(), asked: [] }),
    /** Holds what Graph was asked to Microsoft's document, where the machine has that. */
    stop: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      sent.verify();
    },
  };
}
