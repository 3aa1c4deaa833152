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

const routes: Record<string, Scripted> = {
  [`GET /users/${beth}`]: { status: 200, body: person },
  [`POST /users/${beth}/checkMemberGroups`]: { status: 200, body: { value: [secops] } },
  [`GET /users/${ines}/manager`]: absent,
  [`GET /users/${beth}/manager`]: absent,
};

type Server = Awaited<ReturnType<typeof graphServer>>;
let server: Server;
afterEach(() => server.stop());
const voter = async (over: Record<string, Scripted | Scripted[]> = {}) => {
  server = await graphServer({ ...routes, ...over });
  const reader = new MembershipReader(server.client, stillRuntime());
  return reader.rights(beth, { secops: secops.toUpperCase(), securityLead: lead }, ines, ['vote', 'f:1']);
};

it('a member of the group holds its role and no other', async () => {
  expect(await voter()).toEqual({
    id: beth,
    displayName: { untrusted: 'Beth' },
    accountEnabled: true,
    member: true,
    roles: ['secops'],
    reportsToSubject: false,
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

const reportsTo = (id: string): Scripted => ({ status: 200, body: { id, displayName: 'Boss' } });
const boss = (level: number) => `5f1b6a52-7c0d-4e7e-9a0f-0000000000${String(level).padStart(2, '0')}`;
const line = (...ids: string[]) =>
  Object.fromEntries(
    ids.map((id, at) => [`GET /users/${id}/manager`, at + 1 < ids.length ? reportsTo(ids[at + 1]!) : absent]),
  );

it.each<[string, Record<string, Scripted>, boolean]>([
  ['the subject itself', line(beth, ines), true],
  ['somebody who reports to the subject', line(beth, boss(1), boss(2), ines), true],
  ['other people', line(beth, boss(1), boss(2)), false],
  ['a circle of people', { ...line(beth, boss(1), beth), ...line(boss(1), beth) }, false],
])('follows the line of a voter whose managers are %s', async (_, managers, reports) => {
  const route = (id: string) => managers[`GET /users/${id}/manager`] ?? absent;
  const answers = Object.fromEntries(
    [beth, boss(1), boss(2)].map((id) => [`GET /users/${id}/manager`, route(id)]),
  );
  expect((await voter(answers)).reportsToSubject).toBe(reports);
});

it('does not answer where the line has no end that can be reached', async () => {
  const levels = [beth, ...Array.from({ length: 25 }, (_, level) => boss(level))];
  await expect(voter(line(...levels))).rejects.toMatchObject({ code: 'reportingLineTooLong' });
});

it.each(Object.keys(routes))('is not answered at all while %s cannot be', async (route) => {
  await expect(voter({ [route]: graphError(503, 'ServiceUnavailable') })).rejects.toMatchObject({
    name: 'EntraError',
    kind: 'unavailable',
  });
  const asked = server.received.map(({ method, url }) => `${method} ${url?.split('?')[0]}`);
  expect(asked.filter((call) => call === route)).toHaveLength(2);
});

describe('somebody whom the directory does not know', () => {
  const deleted = {
    [`GET /users/${beth}`]: absent,
    [`POST /users/${beth}/checkMemberGroups`]: absent,
    [`GET /users/${beth}/manager`]: absent,
  };

  it('is told apart from a directory that cannot be asked', async () => {
    await expect(voter(deleted)).rejects.toMatchObject({ name: 'EntraError', code: 'unknownPerson' });
  });

  it('also where the answer about their groups is there first', async () => {
    const later = [graphError(503, 'ServiceUnavailable'), absent];
    await expect(voter({ ...deleted, [`GET /users/${beth}`]: later })).rejects.toMatchObject({
      code: 'unknownPerson',
    });
  });

  it.each<[string, Record<string, Scripted>]>([
    ['a group that is not there', { [`POST /users/${beth}/checkMemberGroups`]: absent }],
    ['a page that is not Graph’s', { [`GET /users/${beth}`]: { status: 404, body: 'not here' } }],
    [
      'no answer about the person',
      { ...deleted, [`GET /users/${beth}`]: graphError(503, 'ServiceUnavailable') },
    ],
  ])('is not concluded from %s', async (_, answers) => {
    const error: unknown = await voter(answers).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'EntraError' });
    expect(error).not.toMatchObject({ code: 'unknownPerson' });
  });
});

it('asks Identity Protection nothing', async () => {
  await voter();
  expect(server.received.map(({ url }) => url).filter((url) => url.includes('identityProtection'))).toEqual(
    [],
  );
});

it('is not answered once the click has waited too long, and asks nothing more', async () => {
  server = await graphServer({ ...routes, [`GET /users/${beth}/manager`]: 'silence' });
  const reader = new MembershipReader(server.client, stillRuntime(), 50);
  await expect(reader.rights(beth, {}, ines, ['vote', 'f:1'])).rejects.toMatchObject({
    name: 'EntraError',
    kind: 'unavailable',
    code: 'deadline',
  });
  const asked = server.received.filter(({ url }) => url.startsWith(`/users/${beth}/manager`));
  expect(asked.length).toBeLessThanOrEqual(1);
});

describe('the members of a group', () => {
  const row = (id: string, kind = 'user') => ({ id, '@odata.type': `#microsoft.graph.${kind}` });
  const members = async (answer: Scripted, most = 10) => {
    server = await graphServer({ [`GET /groups/${secops}/transitiveMembers`]: answer });
    return new MembershipReader(server.client, stillRuntime()).members(secops, most, ['escalation']);
  };

  it('are its people, not its groups and devices, and no more than asked for', async () => {
    const value = [row(beth.toUpperCase()), row(lead, 'group'), row(ines), row(boss(1))];
    expect(await members({ status: 200, body: { value } }, 2)).toEqual([beth, ines]);
  });

  it.each<[string, Scripted]>([
    ['unavailable', graphError(503, 'ServiceUnavailable')],
    ['notFound', absent],
    ['invalidAnswer', { status: 200, body: { value: [{ id: 7 }] } }],
  ])('are not guessed where the answer is %s', async (kind, answer) => {
    await expect(members(answer)).rejects.toMatchObject({ name: 'EntraError', kind });
  });
});

it('an unreadable row is an EntraError too', async () => {
  await expect(voter({ [`GET /users/${beth}`]: { status: 200, body: { id: 7 } } })).rejects.toMatchObject({
    kind: 'invalidAnswer',
  });
});
