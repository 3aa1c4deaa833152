import { graphError, graphServer, stillRuntime, type Scripted } from './graph-server.fixture';
import { groupProtection } from './group-protection';

const group = '00000000-0000-4000-8000-00000000000a';
const row = (over: object): Scripted => ({
  status: 200,
  body: { id: group, groupTypes: [], ...over },
});

let server: Awaited<ReturnType<typeof graphServer>>;
afterEach(() => server.stop());
/** @param kinds of its direct members */
const protectionOf = async (answer: Scripted, ...kinds: string[]) => {
  const value = kinds.map((kind, at) => ({ '@odata.type': `#microsoft.graph.${kind}`, id: String(at) }));
  server = await graphServer({
    [`GET /groups/${group}`]: answer,
    [`GET /groups/${group}/members`]: { status: 200, body: { value } },
  });
  return groupProtection(server.client, group, ['boot'], stillRuntime());
};

it.each<[string, Scripted, string]>([
  ['role-assignable', row({ isAssignableToRole: true, isManagementRestricted: null }), 'protected'],
  ['in a restricted unit', row({ isAssignableToRole: null, isManagementRestricted: true }), 'protected'],
  [
    'role-assignable and dynamic, which should not be',
    row({ isAssignableToRole: true, groupTypes: ['DynamicMembership'] }),
    'open',
  ],
  [
    'in a restricted unit and dynamic',
    row({ isManagementRestricted: true, groupTypes: ['Unified', 'DynamicMembership'] }),
    'open',
  ],
  ['neither', row({ isAssignableToRole: false, isManagementRestricted: false }), 'open'],
  ['silent about both', row({}), 'open'],
  ['not there', graphError(404, 'Request_ResourceNotFound'), 'unknownGroup'],
])('a group that is %s', async (_, answer, expected) => {
  expect(await protectionOf(answer)).toBe(expected);
  expect(server.received[0]?.url).toBe(
    `/groups/${group}?$select=id,groupTypes,isAssignableToRole,isManagementRestricted`,
  );
});

const restricted = row({ isManagementRestricted: true });

it.each<[string[], string]>([
  [['user', 'user'], 'protected'],
  [['user', 'group'], 'open'],
])('a restricted group whose members are %j', async (kinds, expected) => {
  expect(await protectionOf(restricted, ...kinds)).toBe(expected);
});

it('is not guessed where nobody can say who is in a restricted group', async () => {
  server = await graphServer({
    [`GET /groups/${group}`]: restricted,
    [`GET /groups/${group}/members`]: graphError(403, 'Authorization_RequestDenied'),
  });
  const asked = groupProtection(server.client, group, ['boot'], stillRuntime());
  await expect(asked).rejects.toMatchObject({ name: 'EntraError', kind: 'forbidden' });
});

it.each<[string, Scripted]>([
  ['unavailable', graphError(503, 'ServiceUnavailable')],
  ['forbidden', graphError(403, 'Authorization_RequestDenied')],
  ['invalidAnswer', { status: 404, html: '<p>Not here</p>' }],
  ['invalidAnswer', row({ isAssignableToRole: 'yes' })],
  ['invalidAnswer', row({ groupTypes: undefined })],
])('is not guessed where the answer is %s', async (kind, answer) => {
  await expect(protectionOf(answer)).rejects.toMatchObject({ name: 'EntraError', kind });
});
