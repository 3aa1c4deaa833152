import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { graphClientWith, MembershipReader } from '@sallyport/entra';
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

export interface Directory {
  reader: MembershipReader;
  world: { people: Record<string, DirectoryPerson>; up: boolean; calls: number };
  reset(): void;
  close(): Promise<void>;
}

/** For specs only: a Graph that knows the voters, over real HTTP. */
export async function startDirectory(): Promise<Directory> {
  const world = { people: everybody(), up: true, calls: 0 };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      world.calls += 1;
      const path = request.url?.split('?')[0] ?? '';
      const [status, body] = world.up
        ? answer(world.people, path, Buffer.concat(chunks).toString())
        : [503, { error: { code: 'outage' } }];
      response.writeHead(status, { 'content-type': 'application/json', 'retry-after': '60' });
      response.end(JSON.stringify(body));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credential = { getToken: async () => ({ token: 'spec', expiresOnTimestamp: Date.UTC(2100, 0, 1) }) };
  return {
    world,
    reader: new MembershipReader(graphClientWith(credential, { baseUrl, timeoutMs: 5_000 })),
    reset: () => void Object.assign(world, { people: everybody(), up: true, calls: 0 }),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function answer(
  known: Readonly<Record<string, DirectoryPerson>>,
  path: string,
  body: string,
): [status: number, body: unknown] {
  const missing: [number, unknown] = [404, { error: { code: 'Request_ResourceNotFound' } }];
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
    return [200, { riskLevel: 'high', riskState: 'atRisk', isProcessing: false, isDeleted: false }];
  }
  const { displayName, accountEnabled = true, userType = 'Member' } = found;
  return [200, { id, displayName, accountEnabled, userType, userPrincipalName: 'person@contoso.example' }];
}
