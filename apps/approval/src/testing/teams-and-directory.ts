/** For specs: a Bot Connector that keeps what is posted, and a directory that knows the voters, over real HTTP. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { graphClientWith, MembershipReader } from '@sallyport/entra';
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
};
const directory = (): Record<string, Person> => ({
  [people.ada]: person(),
  [people.bob]: person(),
  [people.ivy]: person({ groups: [identityOpsGroup] }),
  [people.stranger]: person({ groups: [] }),
  [people.guest]: person({ userType: 'Guest' }),
  [people.disabled]: person({ accountEnabled: false }),
  [people.risky]: person({ atRisk: true }),
  [subjectId]: person(),
  [callerId]: person(),
  [managerId]: person({ groups: [] }),
});

export interface Sent {
  method: string;
  path: string;
  body: { members?: { id: string }[]; isGroup?: boolean; activity?: Message } & Partial<Message>;
}
interface Message {
  summary: string;
  attachments: { content: AdaptiveCard }[];
}

const created = (_method: string, _path: string): number => 201;

const channelId = '19:approvals@thread.tacv2';

export async function teamsAndDirectory() {
  const world = {
    people: directory(),
    directoryUp: true,
    /** How Teams answers. */
    teamsStatus: created,
    sent: [] as Sent[],
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      const path = (request.url ?? '').split('?')[0] ?? '';
      const method = request.method ?? '';
      const [status, body] = path.startsWith('/teams/') ? teams(method, path, text) : answer(path, text);
      response.writeHead(status, { 'content-type': 'application/json', 'retry-after': '60' });
      response.end(JSON.stringify(body));
    });
  });

  function teams(method: string, path: string, text: string): [number, unknown] {
    world.sent.push({ method, path, body: JSON.parse(text) as Sent['body'] });
    const status = world.teamsStatus(method, path);
    const id = `message-${world.sent.length}`;
    if (path.endsWith('/v3/conversations'))
      return [status, { id: `conversation-${world.sent.length}`, activityId: id }];
    return [status, { id }];
  }

  function answer(path: string, text: string): [number, unknown] {
    if (!world.directoryUp) return [503, { error: { code: 'outage' } }];
    if (path.endsWith(`/${subjectId}/manager`)) return [200, { id: managerId, displayName: 'Max Manager' }];
    const id = Object.keys(world.people).find((candidate) => path.includes(candidate)) ?? '';
    const found = world.people[id];
    const missing: [number, unknown] = [404, { error: { code: 'Request_ResourceNotFound' } }];
    if (!found) return missing;
    if (path.endsWith('/checkMemberGroups')) {
      const { groupIds } = JSON.parse(text) as { groupIds: string[] };
      return [200, { value: groupIds.filter((group) => found.groups.includes(group)) }];
    }
    if (path.includes('/riskyUsers/')) {
      const risk = { riskLevel: 'high', riskState: 'atRisk', isProcessing: false, isDeleted: false };
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
  const config = approvalConfig.parse({
    DATABASE_URL: 'postgres://not-used',
    ENTRA_TENANT_ID: sampleId(80),
    ENTRA_CLIENT_ID: sampleId(81),
    ENTRA_CLIENT_SECRET: 'not used',
    BOT_APP_ID: sampleId(82),
    BOT_APP_SECRET: 'not used',
    TEAMS_SERVICE_URL: `${origin}/teams/`,
    TEAMS_APPROVALS_CHANNEL_ID: channelId,
    SECOPS_GROUP_ID: secopsGroup,
    IDENTITY_OPS_GROUP_ID: identityOpsGroup,
    SECURITY_LEAD_GROUP_ID: sampleId(63),
  });
  const connector = new ConnectorClient(
    {
      tenantId: config.ENTRA_TENANT_ID,
      appId: config.BOT_APP_ID,
      appSecret: config.BOT_APP_SECRET,
      serviceUrl: config.TEAMS_SERVICE_URL,
      serviceUrlHosts: ['127.0.0.1'],
    },
    credential,
  );
  return {
    world,
    config,
    connector,
    membership: new MembershipReader(graphClientWith(credential, { baseUrl: origin, timeoutMs: 5_000 })),
    /** New messages, not updates. */
    posts: () => world.sent.filter(({ method, body }) => method === 'POST' && !body.members),
    reset: () =>
      Object.assign(world, { people: directory(), directoryUp: true, teamsStatus: created, sent: [] }),
    stop: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
