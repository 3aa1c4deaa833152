import { graphError, graphServer, stillRuntime, type Scripted } from './graph-server.fixture';
import { MembershipReader } from './membership-reader';

const beth = '9b2e6a7f-2f50-4a37-9a3e-8f1f6d1f0001';
const ines = '3f1b6a52-7c0d-4e7e-9a0f-2b1f0d5c9e11';
const secops = '00000000-0000-4000-8000-00000000000a';
const lead = '00000000-0000-4000-8000-00000000000b';
const absent = graphError(404, 'Request_ResourceNotFound');
const person = {
  id: beth,
  displayName: 'Beth',
  accountEnabled: true,
  userType: 'Member',
  userPrincipalName: 'beth@fabrikam.example',
};
const risk = {
  isDeleted: false,
  isProcessing: false,
  riskLevel: 'low',
  riskState: 'atRisk',
  riskDetail: 'none',
};

const routes: Record<string, Scripted> = {
  [`GET /users/${beth}`]: { status: 200, body: person },
  [`POST /users/${beth}/checkMemberGroups`]: { status: 200, body: { value: [secops] } },
  [`GET /identityProtection/riskyUsers/${beth}`]: absent,
  [`GET /users/${ines}/manager`]: absent,
};

type Server = Awaited<ReturnType<typeof graphServer>>;
let server: Server;
afterEach(() => server.stop());
const voter = async (over: Record<string, Scripted | Scripted[]> = {}) => {
  server = await graphServer({ ...routes, ...over });
  const reader = new MembershipReader(server.client, stillRuntime());
  return reader.voter(beth, { secops: secops.toUpperCase(), securityLead: lead }, ines, ['vote', 'f:1']);
};

it('a member of the group holds its role and no other', async () => {
  expect(await voter()).toEqual({
    id: beth,
    displayName: { untrusted: 'Beth' },
    accountEnabled: true,
    member: true,
    roles: ['secops'],
    atRisk: false,
  });
});

it("the subject's manager holds the manager role", async () => {
  const manager: Scripted = { status: 200, body: { id: beth.toUpperCase(), displayName: 'Beth' } };
  expect((await voter({ [`GET /users/${ines}/manager`]: manager })).roles).toEqual(['secops', 'manager']);
});

it.each([
  [{ userType: 'Guest' }, { member: false }],
  [{ userType: null }, { member: false }],
  [{ userPrincipalName: 'b_contoso#EXT#@fabrikam.example' }, { member: false }],
  [{ accountEnabled: null }, { accountEnabled: false }],
])('a directory row with %j reads as %j', async (over, expected) => {
  const row: Scripted = { status: 200, body: { ...person, ...over } };
  expect(await voter({ [`GET /users/${beth}`]: row })).toMatchObject(expected);
});

it.each([
  [{}, true],
  [{ riskState: 'confirmedCompromised' }, true],
  [{ riskState: 'somethingNew' }, true],
  [{ riskState: 'dismissed', isProcessing: true }, true],
  [{ riskState: 'remediated' }, false],
])('a voter whose own risk is %j is at risk: %p', async (over, atRisk) => {
  const row: Scripted = { status: 200, body: { ...risk, ...over } };
  expect((await voter({ [`GET /identityProtection/riskyUsers/${beth}`]: row })).atRisk).toBe(atRisk);
});

it.each(Object.keys(routes))('is not answered at all while %s cannot be', async (route) => {
  await expect(voter({ [route]: graphError(503, 'ServiceUnavailable') })).rejects.toMatchObject({
    name: 'EntraError',
    kind: 'unavailable',
  });
  expect(server.received.filter(({ method, url }) => `${method} ${url}`.startsWith(route))).toHaveLength(2);
});

it('an unreadable row is an EntraError too', async () => {
  await expect(voter({ [`GET /users/${beth}`]: { status: 200, body: { id: 7 } } })).rejects.toMatchObject({
    kind: 'invalidAnswer',
  });
});
