import { stableGuid, stableSysId } from '@sallyport/scenario';
import { runSimulator, type RunningSimulator, start } from './testing/running-simulator';

const ines = stableGuid('user', 'ines');
const ticket = stableSysId('incident', 'ticket');
let tenant: RunningSimulator;

beforeAll(async () => {
  tenant = await runSimulator();
});
beforeEach(async () => {
  await tenant.setClock(start);
  await tenant.load({
    users: [
      {
        key: 'ines',
        risk: { level: 'medium' },
        roles: ['Reports Reader'],
        detections: [{ type: 'unlikelyTravel' }],
      },
    ],
    incidents: [{ key: 'ticket', subject: 'ines' }],
  });
});
afterAll(() => tenant.stop());

const patch = (body: unknown) => tenant.call('POST', '/_sim/patch', { body });
const user = async () => (await tenant.call('GET', `/_sim/users/${ines}`)).json;

it('tells the ids of what it loaded', async () => {
  const { json } = await tenant.load({ users: [{ key: 'new' }], incidents: [{ key: 'inc' }] });
  expect(json).toMatchObject({
    users: { new: stableGuid('user', 'new') },
    incidents: { inc: { sysId: stableSysId('incident', 'inc') } },
  });
});

it('keeps earlier tenants when another is loaded, and replaces rows with a known id', async () => {
  await tenant.load({ users: [{ key: 'guest-of-another-scenario' }] });
  expect((await user()).risk.level).toBe('medium');
  await tenant.load({ users: [{ key: 'ines', risk: { level: 'low' } }] });
  expect((await user()).risk.level).toBe('low');
});

it('keeps what goes over the wire of Graph once it is asked to, without passwords', async () => {
  const kept = async () => (await tenant.call('GET', '/_sim/graph-exchanges')).json;
  const read = () => tenant.graph('executor', 'GET', `/users/${ines}?$select=id`);
  await read();
  expect(await kept()).toEqual({ exchanges: [], dropped: 0 });
  await tenant.call('POST', '/_sim/graph-exchanges');
  await read();
  const body = {
    passwordProfile: { password: 'Correct-horse-7', forceChangePasswordNextSignInWithMfa: true },
  };
  await tenant.graph('executor', 'PATCH', `/users/${ines}`, { body });
  const { exchanges } = await kept();
  expect(exchanges).toMatchObject([
    { method: 'GET', url: `/users/${ines}?$select=id`, status: 200, answer: { id: ines } },
    { method: 'PATCH', url: `/users/${ines}`, body: { passwordProfile: { password: 'not kept' } } },
  ]);
  expect(JSON.stringify(exchanges)).not.toContain('Correct-horse');
});

it('keeps also what was asked and not answered by Graph', async () => {
  await tenant.call('POST', '/_sim/graph-exchanges');
  const path = `/users/${ines}/manager`;
  for (const kind of ['resetBefore', 'html']) {
    await tenant.fault({ on: { surface: 'graph', user: 'ines' }, kind });
    await tenant.graph('executor', 'GET', path).catch(() => undefined);
  }
  const { exchanges } = (await tenant.call('GET', '/_sim/graph-exchanges')).json;
  expect(exchanges.slice(-2)).toEqual(
    Array.from({ length: 2 }, () => ({ method: 'GET', url: path, status: null })),
  );
});

it('changes single values of a person, merges risk, and adds to lists', async () => {
  await patch({
    user: 'ines',
    set: {
      accountEnabled: false,
      risk: { level: 'high' },
      detections: [{ type: 'anomalousToken' }],
      roles: ['Global Administrator'],
    },
  });
  const row = await user();
  expect(row).toMatchObject({
    accountEnabled: false,
    displayName: 'ines',
    risk: { level: 'high', state: 'atRisk' },
  });
  expect(row.roles).toHaveLength(2);
  const types = row.detections.map(({ riskEventType }: { riskEventType: string }) => riskEventType);
  expect(types.sort()).toEqual(['anomalousToken', 'unlikelyTravel']);
});

it('changes an incident as somebody at the service desk would', async () => {
  await patch({ incident: ticket, set: { state: '2', work_notes: 'I called her' } });
  const { incident, journal } = (await tenant.call('GET', `/_sim/incidents/${ticket}`)).json;
  expect(incident).toMatchObject({ state: '2', sys_mod_count: '1', sys_updated_by: 'beth.anglin' });
  expect(journal).toMatchObject([{ element: 'work_notes', value: 'I called her' }]);
});

it.each([
  [{ user: 'nobody', set: {} }],
  [{ user: 'ines', set: { shoeSize: 43 } }],
  [{ incident: 'x', set: { state: '2' } }],
  [{}],
])('refuses the patch %j', async (body) => {
  expect((await patch(body)).status).toBe(400);
});

it('refuses a tenant with an unknown word or role', async () => {
  expect((await tenant.load({ user: [] })).status).toBe(400);
  expect(
    (await tenant.load({ users: [{ key: 'x', roles: ['Global Administartor'] }] })).json.error,
  ).toContain('role');
});

it('leaves other writes of a person out of the count of one', async () => {
  const { json } = await tenant.call('GET', `/_sim/writes?subject=${stableGuid('user', 'nobody')}`);
  expect(json).toEqual({ writes: [], counts: {} });
});
