import { simulatedClients, stableGuid } from '@sallyport/scenario';
import { runSimulator, type RunningSimulator, start } from '../testing/running-simulator';

const id = (key: string) => stableGuid('user', key);
let tenant: RunningSimulator;

beforeAll(async () => {
  // Longer than a busy machine takes from a write to the look at it.
  tenant = await runSimulator({ SIMULATOR_RISK_PROCESSING_MS: '60000' });
});
beforeEach(async () => {
  await tenant.setClock(start);
  await tenant.load({
    users: [
      { key: 'ines', risk: {}, detections: [{ at: '-1h' }], accountEnabled: false },
      { key: 'calm' },
      { key: 'gone', deleted: true, risk: {} },
      { key: 'reader', roles: ['Reports Reader'] },
      { key: 'admin', roles: ['Exchange Administrator'] },
      { key: 'member', groups: ['tier0'] },
      { key: 'owner' },
      { key: 'fenced', isManagementRestricted: true },
      { key: 'synced', onPremisesSyncEnabled: true },
    ],
    groups: [{ key: 'tier0', isAssignableToRole: true, owners: ['owner'] }],
  });
});
afterAll(() => tenant.stop());

const act = (method: string, path: string, body?: unknown) =>
  tenant.graph('executor', method, path, { body });
const user = async (key: string) => (await tenant.call('GET', `/_sim/users/${id(key)}`)).json;
const audits = async (key: string) => {
  const clause = `targetResources/any(t: t/id eq '${id(key)}')`;
  const path = `/auditLogs/directoryAudits?$filter=${encodeURIComponent(clause)}&$orderby=activityDateTime`;
  return (await tenant.graph('contextReader', 'GET', path)).json.value;
};
const passwordProfile = { password: 'correct-horse-9', forceChangePasswordNextSignInWithMfa: true };

it('revoking sessions moves the validity time and leaves an audit row by the application', async () => {
  const reply = await act('POST', `/users/${id('ines')}/revokeSignInSessions`);
  expect([reply.status, reply.json.value]).toEqual([200, true]);
  const at = Date.parse((await user('ines')).signInSessionsValidFromDateTime);
  expect(at).toBeGreaterThanOrEqual(start.getTime());
  expect(await audits('ines')).toMatchObject([
    {
      activityDisplayName: 'Update StsRefreshTokenValidFrom Timestamp',
      initiatedBy: { app: { appId: simulatedClients.executor.appId }, user: null },
    },
  ]);
});

it('a new password moves the time of the last change and is nowhere to be read', async () => {
  const reply = await act('PATCH', `/users/${id('ines')}`, { passwordProfile });
  expect([reply.status, reply.text]).toEqual([204, '']);
  const row = await user('ines');
  expect(Date.parse(row.lastPasswordChangeDateTime)).toBeGreaterThanOrEqual(start.getTime());
  expect(row.forceChangePasswordNextSignIn).toBe(true);
  const writes = await tenant.call('GET', `/_sim/writes?subject=${id('ines')}`);
  expect(JSON.stringify(row) + writes.text).not.toContain(passwordProfile.password);
});

it('enabling an account is one write', async () => {
  expect((await act('PATCH', `/users/${id('ines')}`, { accountEnabled: true })).status).toBe(204);
  expect((await user('ines')).accountEnabled).toBe(true);
  const { counts } = (await tenant.call('GET', `/_sim/writes?subject=${id('ines')}`)).json;
  expect(counts.enableAccount).toEqual({ asked: 1, applied: 1 });
});

it('properties outside the two documented ones are refused', async () => {
  expect((await act('PATCH', `/users/${id('ines')}`, { displayName: 'x' })).status).toBe(400);
});

it.each([
  ['reader', 204, 'holds a role within the reach of a User Administrator'],
  ['admin', 403, 'holds a role above it'],
  ['member', 403, 'is in a role-assignable group'],
  ['owner', 403, 'owns a role-assignable group'],
  ['fenced', 403, 'is management-restricted'],
])('a password of %s gives %i: the target %s', async (key, status) => {
  expect((await act('PATCH', `/users/${id(key)}`, { passwordProfile })).status).toBe(status);
});

it('a protected target yields to an application with the strongest role', async () => {
  const strong = {
    appId: stableGuid('app', 'strong'),
    secret: 's',
    permissions: ['User-PasswordProfile.ReadWrite.All'],
    directoryRoles: ['Privileged Authentication Administrator'],
  };
  await tenant.call('POST', '/_sim/clients', { body: strong });
  const token = await tenant.token(strong, tenant.graphScope);
  const reply = await tenant.graph('executor', 'PATCH', `/users/${id('admin')}`, {
    headers: { authorization: `Bearer ${token}` },
    body: { passwordProfile },
  });
  expect(reply.status).toBe(204);
});

it('a synced account refuses a password, and an application without a directory role may set none', async () => {
  expect((await act('PATCH', `/users/${id('synced')}`, { passwordProfile })).status).toBe(400);
  const reply = await tenant.graph('executorRelease', 'PATCH', `/users/${id('calm')}`, {
    body: { passwordProfile },
  });
  expect(reply.status).toBe(403);
});

it('resetPassword is not there for applications', async () => {
  const path = `/users/${id('ines')}/authentication/methods/28c10230-6103-485e-b985-444c60001490/resetPassword`;
  expect((await act('POST', path, {})).status).toBe(403);
});

describe('dismiss', () => {
  const dismiss = (userIds: string[]) => act('POST', '/identityProtection/riskyUsers/dismiss', { userIds });

  it('is answered at once, processed later, and closes the detections', async () => {
    expect((await dismiss([id('ines')])).status).toBe(204);
    expect((await user('ines')).risk).toMatchObject({ isProcessing: true, state: 'atRisk' });
    await tenant.setClock(new Date(start.getTime() + 61_000));
    const after = await user('ines');
    expect(after.risk).toMatchObject({
      isProcessing: false,
      state: 'dismissed',
      level: 'none',
      detail: 'adminDismissedAllRiskForUser',
    });
    expect(after.detections).toMatchObject([{ state: 'dismissed' }]);
  });

  it('does nothing to people without risk and to deleted ones, and says 204 all the same', async () => {
    expect((await dismiss([id('calm'), id('gone')])).status).toBe(204);
    await tenant.setClock(new Date(start.getTime() + 61_000));
    expect((await user('calm')).risk).toBeNull();
    expect((await user('gone')).risk.state).toBe('atRisk');
  });

  it('takes 60 ids, not 61, and no names', async () => {
    const ids = (count: number) => Array.from({ length: count }, (_, at) => id(`crowd-${at}`));
    expect((await dismiss(ids(60))).status).toBe(204);
    expect((await dismiss(ids(61))).status).toBe(400);
    expect((await dismiss(['ines'])).status).toBe(400);
  });

  it('counts one write per person', async () => {
    await tenant.load({
      users: [
        { key: 'first', risk: {} },
        { key: 'second', risk: {} },
      ],
    });
    await dismiss([id('first'), id('second')]);
    for (const key of ['first', 'second']) {
      const { counts } = (await tenant.call('GET', `/_sim/writes?subject=${id(key)}`)).json;
      expect(counts).toEqual({ dismissRisk: { asked: 1, applied: 1 } });
    }
  });
});

it.each([
  ['confirmCompromised', 'calm', 'confirmedCompromised', 'high'],
  ['confirmSafe', 'ines', 'confirmedSafe', 'none'],
])('%s is processed too', async (action, key, state, level) => {
  expect((await act('POST', `/identityProtection/riskyUsers/${action}`, { userIds: [id(key)] })).status).toBe(
    204,
  );
  await tenant.setClock(new Date(start.getTime() + 61_000));
  expect((await user(key)).risk).toMatchObject({ state, level });
});

it('a confirmed compromise comes back as a detection of its own, and other feedback does not', async () => {
  const confirm = (action: string) =>
    act('POST', `/identityProtection/riskyUsers/${action}`, { userIds: [id('ines')] });
  const kinds = async () =>
    (await user('ines')).detections.map(({ riskEventType }: { riskEventType: string }) => riskEventType);
  const before = await kinds();
  await confirm('confirmCompromised');
  await tenant.setClock(new Date(start.getTime() + 61_000));
  expect(await kinds()).toEqual([...before, 'adminConfirmedUserCompromised']);
  await confirm('dismiss');
  await tenant.setClock(new Date(start.getTime() + 122_000));
  expect(await kinds()).toHaveLength(before.length + 1);
});
