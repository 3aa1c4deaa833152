/** For specs: a Bot Connector that keeps what is posted, and a directory that knows the voters, over real HTTP. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  graphClientWith,
  type GraphLimiter,
  groupProtection,
  MembershipReader,
  systemRuntime,
} from '@sallyport/entra';
import { AskedGraph } from '@sallyport/entra/testing';
import { callerId, managerId, sampleId, subjectId } from '@sallyport/evidence/testing';
import { type AdaptiveCard, ConnectorClient } from '@sallyport/teams';
import { approvalConfig } from '../config';

export interface Person {
  accountEnabled: boolean;
  userType: 'Member' | 'Guest';
  atRisk: boolean;
  groups: readonly string[];
}

export const secopsGroup = sampleId(61);
export const identityOpsGroup = sampleId(62);
export const person = (over: Partial<Person> = {}): Person => ({
  accountEnabled: true,
  userType: 'Member',
  atRisk: false,
  groups: [secopsGroup],
  ...over,
});

export const people = {
  ada: sampleId(10),
  bob: sampleId(11),
  ivy: sampleId(12),
  stranger: sampleId(13),
  guest: sampleId(14),
  disabled: sampleId(15),
  risky: sampleId(16),
  /** Reports to the subject. */
  report: sampleId(17),
  reportOfReport: sampleId(18),
};
const managers: Record<string, string> = {
  [subjectId]: managerId,
  [people.report]: subjectId,
  [people.reportOfReport]: people.report,
};
const directory = (): Record<string, Person> => ({
  [people.ada]: person(),
  [people.bob]: person(),
  [people.ivy]: person({ groups: [identityOpsGroup] }),
  [people.stranger]: person({ groups: [] }),
  [people.guest]: person({ userType: 'Guest' }),
  [people.disabled]: person({ accountEnabled: false }),
  [people.risky]: person({ atRisk: true }),
  [people.report]: person(),
  [people.reportOfReport]: person(),
  [subjectId]: person(),
  [callerId]: person(),
  [managerId]: person({ groups: [] }),
});

export interface Sent {
  method: string;
  path: string;
  body: {
    members?: { id: string }[];
    isGroup?: boolean;
    channelData?: { channel?: { id: string } };
    activity?: Message;
  } & Partial<Message>;
}
interface Message {
  summary: string;
  attachments: { content: AdaptiveCard }[];
}

/** Updates are waited for by nobody; a spec must not end before them, or they disturb the next. */
class AwaitedConnector extends ConnectorClient {
  private readonly pending = new Set<Promise<void>>();

  override update(...given: Parameters<ConnectorClient['update']>): Promise<void> {
    const update = super.update(...given);
    const ended = update.then(
      () => undefined,
      () => undefined,
    );
    this.pending.add(ended);
    void ended.then(() => this.pending.delete(ended));
    return update;
  }

  async settled(): Promise<void> {
    do {
      await Promise.all(this.pending);
      // One that has ended may be followed by the next of its case.
      await new Promise(setImmediate);
    } while (this.pending.size > 0);
  }
}

/** Waits between attempts pass at once. */
const impatient = { nowMs: () => performance.now(), sleep: () => Promise.resolve(), random: () => 0 };

const risk = { riskLevel: 'high', riskState: 'atRisk', isProcessing: false, isDeleted: false };

const created = (_method: string, _path: string): number => 201;

const channelId = '19:approvals@thread.tacv2';
export const escalationChannelId = '19:escalations@thread.tacv2';
const onCallGroup = sampleId(64);
const securityLeadGroup = sampleId(63);

/** @param limiter the tenant's limits; absent: none */
export async function teamsAndDirectory(limiter?: GraphLimiter) {
  const world = {
    people: directory(),
    directoryUp: true,
    /** Paths that Graph was asked for. */
    asked: [] as string[],
    /** Whether only privileged administrators can change the approver groups. */
    groupsProtected: true,
    /** How long the directory takes for a call. */
    directoryDelayMs: 0,
    /** Members of the escalation group. */
    onCall: [people.ivy],
    securityLeads: [people.bob],
    /** How Teams answers. */
    teamsStatus: created,
    /** Whether the bot's secret is taken. */
    secretTaken: true,
    sent: [] as Sent[],
  };
  const asked = new AskedGraph();
  /** Ids never repeat, whatever is forgotten. */
  let made = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      const path = (request.url ?? '').split('?')[0] ?? '';
      const method = request.method ?? '';
      if (path.startsWith('/v1.0/')) asked.saw(method, request.url, text);
      const [status, body] = path.startsWith('/teams/') ? teams(method, path, text) : answer(path, text);
      const delayMs = path.startsWith('/teams/') ? 0 : world.directoryDelayMs;
      const send = () => {
        response.writeHead(status, { 'content-type': 'application/json', 'retry-after': '60' });
        response.end(JSON.stringify(body));
      };
      if (delayMs > 0) setTimeout(send, delayMs);
      else send();
    });
  });

  function teams(method: string, path: string, text: string): [number, unknown] {
    world.sent.push({ method, path, body: JSON.parse(text) as Sent['body'] });
    const status = world.teamsStatus(method, path);
    made += 1;
    const id = `message-${made}`;
    const channel = world.sent.at(-1)?.body.channelData?.channel?.id;
    const conversation = channel
      ? `${channel};messageid=${world.sent.length}`
      : `conversation-${world.sent.length}`;
    if (path.endsWith('/v3/conversations')) return [status, { id: conversation, activityId: id }];
    return [status, { id }];
  }

  function answer(path: string, text: string): [number, unknown] {
    world.asked.push(path);
    if (!world.directoryUp) return [503, { error: { code: 'outage' } }];
    const [group] = /(?<=\/groups\/)[^/]+$/.exec(path) ?? [];
    if (group) return [200, { id: group, groupTypes: [], isAssignableToRole: world.groupsProtected }];
    const row = (id: string) => ({ id, '@odata.type': '#microsoft.graph.user' });
    if (path.endsWith(`/groups/${onCallGroup}/transitiveMembers`))
      return [200, { value: world.onCall.map(row) }];
    if (path.endsWith(`/groups/${securityLeadGroup}/transitiveMembers`))
      return [200, { value: world.securityLeads.map(row) }];
    const [managed] = Object.entries(managers).filter(([report]) => path.endsWith(`/${report}/manager`));
    if (managed) return [200, { id: managed[1], displayName: 'A manager' }];
    if (path.endsWith('/manager')) return [404, { error: { code: 'Request_ResourceNotFound' } }];
    if (path.endsWith('/riskyUsers')) {
      const risky = Object.entries(world.people).filter(([, { atRisk }]) => atRisk);
      return [200, { value: risky.map(([id]) => ({ id, ...risk })) }];
    }
    const id = Object.keys(world.people).find((candidate) => path.includes(candidate)) ?? '';
    const found = world.people[id];
    const missing: [number, unknown] = [404, { error: { code: 'Request_ResourceNotFound' } }];
    if (!found) return missing;
    if (path.endsWith('/checkMemberGroups')) {
      const { groupIds } = JSON.parse(text) as { groupIds: string[] };
      return [200, { value: groupIds.filter((group) => found.groups.includes(group)) }];
    }
    if (path.includes('/riskyUsers/')) {
      return found.atRisk ? [200, risk] : missing;
    }
    const { accountEnabled, userType } = found;
    return [
      200,
      {
        id,
        displayName: `Person ${id.slice(-2)}`,
        accountEnabled,
        userType,
        userPrincipalName: 'p@x.example',
      },
    ];
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credential = { getToken: async () => ({ token: 'spec', expiresOnTimestamp: Date.UTC(2100, 0, 1) }) };
  const bot = {
    getToken: async () => {
      if (!world.secretTaken) throw Object.assign(new Error('the secret has expired'), { statusCode: 401 });
      return credential.getToken();
    },
  };
  const config = approvalConfig.parse({
    DATABASE_URL: 'postgres://not-used',
    ENTRA_TENANT_ID: sampleId(80),
    ENTRA_CLIENT_ID: sampleId(81),
    ENTRA_CLIENT_SECRET: 'not used',
    BOT_APP_ID: sampleId(82),
    BOT_APP_SECRET: 'not used',
    TEAMS_SERVICE_URL: `${origin}/teams/`,
    TEAMS_APPROVALS_CHANNEL_ID: channelId,
    CONSOLE_URL: 'https://console.example',
    SECOPS_GROUP_ID: secopsGroup,
    IDENTITY_OPS_GROUP_ID: identityOpsGroup,
    SECURITY_LEAD_GROUP_ID: securityLeadGroup,
    ESCALATION_CHANNEL_ID: escalationChannelId,
    ESCALATION_GROUP_ID: onCallGroup,
  });
  const connector = new AwaitedConnector(
    {
      tenantId: config.ENTRA_TENANT_ID,
      appId: config.BOT_APP_ID,
      appSecret: config.BOT_APP_SECRET,
      serviceUrl: config.TEAMS_SERVICE_URL,
      serviceUrlHosts: ['127.0.0.1'],
      // Waits pass at once here, so that the pace would soon be hours ahead.
      limitsFactor: 1_000,
    },
    bot,
    impatient,
  );
  const client = graphClientWith(credential, {
    ...{ baseUrl: origin, timeoutMs: 5_000, limiter, priority: 'release' },
  });
  // Stands still, so that no spec depends on how soon its clicks follow each other.
  let nowMs = Date.now();
  const now = () => new Date(nowMs);
  const newMembership = () => new MembershipReader(client, { ...systemRuntime, now });
  return {
    world,
    config,
    connector,
    membership: newMembership(),
    /** That of a new process. */
    newMembership,
    /** What was read of the risk of voters is too old from now on. */
    forgetRisk: () => void (nowMs += 5_001),
    passRisk: (ms: number) => void (nowMs += ms),
    protectionOf: (id: string) => groupProtection(client, id, ['approver-groups']),
    /** New messages, not updates. */
    posts: () => world.sent.filter(({ method, body }) => method === 'POST' && !body.members),
    /** Waits for updates, which nobody waits for where they are asked for; returns them all. */
    async updates(atLeast: number): Promise<Sent[]> {
      const put = () => world.sent.filter(({ method }) => method === 'PUT');
      for (let n = 0; n < 3_000 && put().length < atLeast; n += 1)
        await new Promise((resolve) => setTimeout(resolve, 10));
      return put();
    },
    reset: () => {
      made = 0;
      // What was read before says nothing of the new people.
      nowMs += 5_001;
      Object.assign(world, {
        people: directory(),
        directoryUp: true,
        groupsProtected: true,
        onCall: [people.ivy],
        securityLeads: [people.bob],
        teamsStatus: created,
        secretTaken: true,
        sent: [],
        asked: [],
      });
    },
    /** Holds what Graph was asked to Microsoft's document, where the machine has that. */
    stop: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      asked.verify();
    },
  };
}
