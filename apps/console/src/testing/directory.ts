import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { graphClientWith, groupProtection, MembershipReader, systemRuntime } from '@sallyport/entra';
import { AskedGraph } from '@sallyport/entra/testing';
import type { VoterDirectory } from '@sallyport/stage';
import { callerId, managerId, sampleId, subjectId } from '@sallyport/evidence/testing';

export const roleGroupIds = {
  SECOPS_GROUP_ID: sampleId(61),
  IDENTITY_OPS_GROUP_ID: sampleId(62),
  SECURITY_LEAD_GROUP_ID: sampleId(63),
};

export interface DirectoryPerson {
  displayName: string;
  accountEnabled?: boolean;
  userType?: 'Member' | 'Guest';
  atRisk?: boolean;
  groups?: readonly string[];
  managerId?: string;
}

export const people = {
  ada: sampleId(10),
  bea: sampleId(18),
  ivy: sampleId(12),
  stranger: sampleId(13),
  guest: sampleId(14),
  disabled: sampleId(15),
  risky: sampleId(16),
  report: sampleId(17),
};

const secops = [roleGroupIds.SECOPS_GROUP_ID];
const everybody = (): Record<string, DirectoryPerson> => ({
  [people.ada]: { displayName: 'Ada Approver', groups: secops },
  [people.bea]: { displayName: 'Bea Busy', groups: secops },
  [people.ivy]: { displayName: 'Ivy Identity', groups: [roleGroupIds.IDENTITY_OPS_GROUP_ID] },
  [people.stranger]: { displayName: 'Stranger' },
  [people.guest]: { displayName: 'Guest', userType: 'Guest', groups: secops },
  [people.disabled]: { displayName: 'Disabled', accountEnabled: false, groups: secops },
  [people.risky]: { displayName: 'Risky', atRisk: true, groups: secops },
  [people.report]: { displayName: 'Report', groups: secops, managerId: subjectId },
  [subjectId]: { displayName: 'Sam Subject', groups: secops, managerId },
  [callerId]: { displayName: 'Caller', groups: secops },
  [managerId]: { displayName: 'Max Manager' },
});

export interface Directory extends VoterDirectory {
  /** `aheadMs`: how far its readings have aged. */
  world: {
    people: Record<string, DirectoryPerson>;
    up: boolean;
    calls: number;
    asked: string[];
    aheadMs: number;
    /** Whether only privileged administrators can change the approver groups. */
    groups: 'protected' | 'open' | 'unreadable';
  };
  reset(): void;
  /** Holds what was asked to Microsoft's document, where the machine has that. */
  close(): Promise<void>;
}

/** For specs only: a Graph that knows the voters, over real HTTP. */
export async function startDirectory(): Promise<Directory> {
  const fresh = () => ({
    people: everybody(),
    up: true,
    calls: 0,
    groups: 'protected' as Directory['world']['groups'],
  });
  const world = { ...fresh(), asked: [] as string[], aheadMs: 0 };
  const asked = new AskedGraph();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      world.calls += 1;
      const path = request.url?.split('?')[0] ?? '';
      world.asked.push(path);
      const text = Buffer.concat(chunks).toString();
      asked.saw(request.method, request.url, text);
      const [status, body] = world.up
        ? path.startsWith('/v1.0/groups/')
          ? group(path, world.groups)
          : answer(world.people, path, text)
        : [503, { error: { code: 'outage' } }];
      response.writeHead(status, { 'content-type': 'application/json', 'retry-after': '60' });
      response.end(JSON.stringify(body));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credential = { getToken: async () => ({ token: 'spec', expiresOnTimestamp: Date.UTC(2100, 0, 1) }) };
  const client = graphClientWith(credential, { baseUrl, timeoutMs: 5_000 });
  return {
    world,
    protectionOf: (id) => groupProtection(client, id, ['approver-groups']),
    people: new MembershipReader(client, {
      ...systemRuntime,
      now: () => new Date(Date.now() + world.aheadMs),
    }),
    reset: () => {
      Object.assign(world, fresh(), { asked: [] });
      // What was read before says nothing of the new people.
      world.aheadMs += 5_001;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      asked.verify();
    },
  };
}

function group(path: string, is: Directory['world']['groups']): [status: number, body: unknown] {
  if (is === 'unreadable') return [403, { error: { code: 'Authorization_RequestDenied' } }];
  return [200, { id: path.split('/').at(-1), groupTypes: [], isAssignableToRole: is === 'protected' }];
}

function answer(
  known: Readonly<Record<string, DirectoryPerson>>,
  path: string,
  body: string,
): [status: number, body: unknown] {
  const missing: [number, unknown] = [404, { error: { code: 'Request_ResourceNotFound' } }];
  const risk = { riskLevel: 'high', riskState: 'atRisk', isProcessing: false, isDeleted: false };
  if (path.endsWith('/riskyUsers')) {
    const risky = Object.entries(known).filter(([, { atRisk }]) => atRisk);
    return [200, { value: risky.map(([person]) => ({ id: person, ...risk })) }];
  }
  const id = Object.keys(known).find((candidate) => path.includes(candidate)) ?? '';
  const found = known[id];
  if (!found) return missing;
  if (path.endsWith('/checkMemberGroups')) {
    const { groupIds }: { groupIds: string[] } = JSON.parse(body);
    return [200, { value: groupIds.filter((group) => found.groups?.includes(group)) }];
  }
  if (path.endsWith('/manager')) {
    if (found.managerId === undefined) return missing;
    return [200, { id: found.managerId, displayName: known[found.managerId]?.displayName ?? '' }];
  }
  if (path.includes('/riskyUsers/')) {
    if (found.atRisk !== true) return missing;
    return [200, risk];
  }
  const { displayName, accountEnabled = true, userType = 'Member' } = found;
  return [200, { id, displayName, accountEnabled, userType, userPrincipalName: 'person@contoso.example' }];
}
