import { simulatedClients, stableGuid } from '@sallyport/scenario';
import { runSimulator, type RunningSimulator, start } from '../testing/running-simulator';

const id = (key: string) => stableGuid('user', key);
const group = (key: string) => stableGuid('group', key);
let tenant: RunningSimulator;

beforeAll(async () => {
  tenant = await runSimulator();
  await tenant.setClock(start);
  await tenant.load({
    users: [
      {
        key: 'ines',
        displayName: 'Ines Varga',
        manager: 'mona',
        groups: ['inner'],
        roles: ['Reports Reader', { role: 'User Administrator', scope: '/administrativeUnits/x' }],
        eligibleGroups: ['other'],
        eligibleOwnerOf: ['outer'],
        eligibleRoles: ['Global Administrator'],
        risk: {
          detail: 'adminConfirmedAccountSafe',
          history: [{ at: '-2d', state: 'atRisk', level: 'low' }],
        },
        detections: [
          { at: '-1h', userAgent: 'Mozilla/5.0' },
          { at: '-2h', detectedAt: '+10m' },
        ],
        signIns: [
          { at: '-1h', mfa: true },
          { at: '-30m', isInteractive: false },
        ],
        audits: [{ activity: 'User registered security info' }, { activity: 'Add device', by: 'mona' }],
        devices: [{ displayName: 'LAPTOP-7' }],
      },
      { key: 'mona', onPremisesExtensionAttributes: { extensionAttribute7: 'VIP' } },
      { key: 'gone', deleted: true, risk: {} },
      { key: 'quiet', registration: null },
      ...Array.from({ length: 25 }, (_, at) => ({
        key: `risky-${at}`,
        risk: { lastUpdated: `-${at + 60}m` },
      })),
    ],
    groups: [
      { key: 'inner', groups: ['outer'], eligibleGroups: ['other'] },
      {
        key: 'outer',
        isAssignableToRole: true,
        roles: ['Security Reader'],
        groups: ['inner'],
        owners: ['mona'],
      },
    ],
  });
});
afterAll(() => tenant.stop());

const read = (path: string, headers: Record<string, string> = {}) =>
  tenant.graph('contextReader', 'GET', path, { headers });

it('has all fifteen extension attributes of a person, empty ones as null', async () => {
  const path = `/users/${id('mona')}?$select=onPremisesExtensionAttributes`;
  const { onPremisesExtensionAttributes: attributes } = (await read(path)).json;
  expect(Object.keys(attributes)).toHaveLength(15);
  expect(attributes).toMatchObject({ extensionAttribute7: 'VIP', extensionAttribute8: null });
});

describe('a token', () => {
  it('is required, and a broken one is refused', async () => {
    const none = await tenant.call('GET', '/v1.0/identityProtection/riskyUsers');
    const broken = await read('/identityProtection/riskyUsers', { authorization: 'Bearer x.y.z' });
    for (const reply of [none, broken]) {
      expect([reply.status, reply.json.error.code]).toEqual([401, 'InvalidAuthenticationToken']);
    }
  });

  it('is refused when it has expired', async () => {
    const expired = { appId: stableGuid('app', 'expired'), secret: 's', permissions: ['User.Read.All'] };
    await tenant.call('POST', '/_sim/clients', { body: { ...expired, tokenLifetimeSeconds: -1 } });
    const token = await tenant.token(expired, tenant.graphScope);
    const reply = await read(`/users/${id('ines')}`, { authorization: `Bearer ${token}` });
    expect(reply.status).toBe(401);
  });

  it('for the Bot Connector does not open Graph', async () => {
    const token = await tenant.token(simulatedClients.executor, 'https://api.botframework.com/.default');
    expect((await read(`/users/${id('ines')}`, { authorization: `Bearer ${token}` })).status).toBe(401);
  });

  it.each([
    ['GET', '/identityProtection/riskDetections'],
    ['GET', '/auditLogs/signIns'],
    ['POST', '/identityProtection/riskyUsers/dismiss'],
    ['POST', `/users/${id('ines')}/revokeSignInSessions`],
    ['PATCH', `/users/${id('ines')}`],
  ])('without the permission for %s %s is forbidden', async (method, path) => {
    const reply = await tenant.graph('approvalReader', method, path, { body: {} });
    expect([reply.status, reply.json.error.code]).toEqual([403, 'Authorization_RequestDenied']);
  });
});

describe('errors', () => {
  it('carry the request ids in the body and in the headers', async () => {
    const reply = await read(`/users/${id('nobody')}`, { 'client-request-id': 'c0ffee' });
    const { innerError } = reply.json.error;
    expect(reply.status).toBe(404);
    expect(innerError['request-id']).toBe(reply.headers['request-id']);
    expect(innerError['client-request-id']).toBe('c0ffee');
    expect(reply.headers['client-request-id']).toBe('c0ffee');
    expect(innerError.date).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
  });

  it.each([
    ['DELETE', `/users/${stableGuid('user', 'ines')}`, 405],
    ['GET', '/identityProtection/nonsense', 400],
    ['GET', '/users/a/b/c/d/e', 400],
  ])('answer %s %s with %i', async (method, path, status) => {
    expect((await tenant.graph('contextReader', method, path)).status).toBe(status);
  });

  it.each([
    ["riskyUsers?$filter=userDisplayName eq 'x'", 'Request_UnsupportedQuery'],
    ["riskyUsers?$filter=riskState ne 'atRisk'", 'Request_UnsupportedQuery'],
    ["riskyUsers?$filter=contains(riskState,'at')", 'Request_UnsupportedQuery'],
    ['riskyUsers?$filter=riskState eq', 'BadRequest'],
    ["riskyUsers?$filter=(riskState eq 'atRisk'", 'BadRequest'],
    ["riskDetections?$filter=detectedDateTime ge 'yesterday'", 'BadRequest'],
    ['riskyUsers?$search=x', 'Request_UnsupportedQuery'],
    ['riskyUsers?$top=501', 'BadRequest'],
    ['riskyUsers?$select=password', 'BadRequest'],
    ['riskyUsers?$orderby=id', 'Request_UnsupportedQuery'],
  ])('refuse the query %s', async (query, code) => {
    const reply = await read(`/identityProtection/${encodeURI(query)}`);
    expect([reply.status, reply.json.error.code]).toEqual([400, code]);
  });

  it('refuse an unfiltered list of role assignments', async () => {
    expect((await read('/roleManagement/directory/roleAssignments')).status).toBe(400);
  });
});

describe('a user', () => {
  it('shows only the default properties without $select, and only the selected ones with it', async () => {
    const plain = (await read(`/users/${id('ines')}`)).json;
    expect(plain).toMatchObject({ displayName: 'Ines Varga' });
    expect(plain).not.toHaveProperty('accountEnabled');
    const selected = (await read(`/users/${id('ines')}?$select=id,accountEnabled`)).json;
    expect(Object.keys(selected).sort()).toEqual(['@odata.context', 'accountEnabled', 'id']);
  });

  it('has times with seven fractional digits', async () => {
    const { json } = await read(`/users/${id('ines')}?$select=signInSessionsValidFromDateTime`);
    expect(json.signInSessionsValidFromDateTime).toMatch(/\.\d{7}Z$/);
  });

  it('has a manager, or 404 where none is set', async () => {
    expect((await read(`/users/${id('ines')}/manager`)).json).toMatchObject({ id: id('mona') });
    expect((await read(`/users/${id('mona')}/manager`)).status).toBe(404);
  });

  it('is gone when deleted, and still listed as risky', async () => {
    expect((await read(`/users/${id('gone')}`)).status).toBe(404);
    expect((await read(`/identityProtection/riskyUsers/${id('gone')}`)).json).toMatchObject({
      isDeleted: true,
    });
  });

  it('may be missing from the registration report', async () => {
    const report = '/reports/authenticationMethods/userRegistrationDetails';
    expect((await read(`${report}/${id('quiet')}`)).status).toBe(404);
    expect((await read(`${report}/${id('ines')}`)).json).toMatchObject({ isSsprCapable: true });
  });

  it('has devices and methods that say what they are', async () => {
    const devices = (await read(`/users/${id('ines')}/registeredDevices`)).json.value;
    const methods = (await read(`/users/${id('ines')}/authentication/methods`)).json.value;
    expect(devices).toMatchObject([{ '@odata.type': '#microsoft.graph.device', displayName: 'LAPTOP-7' }]);
    expect(methods).toMatchObject([{ id: '28c10230-6103-485e-b985-444c60001490' }]);
  });
});

describe('memberships', () => {
  it('are transitive, survive circles, and include the roles of groups', async () => {
    const { value } = (await read(`/users/${id('ines')}/transitiveMemberOf`)).json;
    const names = value.map(({ displayName }: { displayName: string }) => displayName).sort();
    expect(names).toEqual(['Reports Reader', 'Security Reader', 'inner', 'outer']);
    const cast = `/users/${id('ines')}/transitiveMemberOf/microsoft.graph.directoryRole`;
    const roles = (await read(`${cast}?$select=roleTemplateId`)).json.value;
    expect(roles).toHaveLength(2);
    expect(roles[0].roleTemplateId).toBe('4a5d8f65-41da-4de4-8968-e035b65339cf');
  });

  it('leave out what a person owns, which only the group tells an application', async () => {
    expect((await read(`/users/${id('mona')}/transitiveMemberOf`)).json.value).toEqual([]);
    expect((await read(`/users/${id('mona')}/ownedObjects`)).status).toBe(403);
    const { value } = (await read(`/groups?${encodeURI('$filter=isAssignableToRole eq true')}&$select=id`))
      .json;
    expect(value).toHaveLength(1);
    const owners = (await read(`/groups/${value[0].id}/owners?$select=id`)).json.value;
    expect(owners).toMatchObject([{ '@odata.type': '#microsoft.graph.user', id: id('mona') }]);
  });

  it('show an application without the right only that a role is there', async () => {
    const path = `/users/${id('ines')}/transitiveMemberOf/microsoft.graph.directoryRole`;
    const { value } = (await tenant.graph('approvalReader', 'GET', path)).json;
    expect(Object.keys(value[0]).sort()).toEqual(['@odata.type', 'id']);
  });

  it('list direct assignments of a principal with AU scope and definition, eligible ones apart', async () => {
    const filter = encodeURI(`$filter=principalId eq '${id('ines')}'`);
    const assigned = await read(`/roleManagement/directory/roleAssignments?${filter}&$expand=roleDefinition`);
    expect(assigned.json.value).toMatchObject([
      { directoryScopeId: '/', roleDefinition: { displayName: 'Reports Reader', isBuiltIn: true } },
      { directoryScopeId: '/administrativeUnits/x', roleDefinition: { displayName: 'User Administrator' } },
    ]);
    const eligible = await read(`/roleManagement/directory/roleEligibilityScheduleInstances?${filter}`);
    expect(eligible.json.value).toMatchObject([{ roleDefinitionId: '62e90394-69f5-4237-9190-012177145e10' }]);
  });

  it('list the groups that a principal can enter, to whom may read that', async () => {
    const path = '/identityGovernance/privilegedAccess/group/eligibilityScheduleInstances';
    const placesOf = (principal: string) => `${path}?${encodeURI(`$filter=principalId eq '${principal}'`)}`;
    const of = placesOf(id('ines'));
    expect((await read(of)).json.value).toMatchObject([
      { principalId: id('ines'), groupId: group('other'), accessId: 'member' },
      { principalId: id('ines'), groupId: group('outer'), accessId: 'owner' },
    ]);
    expect((await read(placesOf(group('inner')))).json.value).toMatchObject([
      { principalId: group('inner'), groupId: group('other'), accessId: 'member' },
    ]);
    expect((await read(path)).status).toBe(400);
    expect((await tenant.graph('approvalReader', 'GET', of)).status).toBe(403);
  });

  it('can be asked about: checkMemberGroups, getMemberGroups, transitiveMembers', async () => {
    const check = await tenant.graph('approvalReader', 'POST', `/users/${id('ines')}/checkMemberGroups`, {
      body: { groupIds: [group('outer'), group('other')] },
    });
    expect(check.json.value).toEqual([group('outer')]);
    const all = await tenant.graph('approvalReader', 'POST', `/users/${id('ines')}/getMemberGroups`, {
      body: { securityEnabledOnly: true },
    });
    expect(all.json.value.sort()).toEqual([group('inner'), group('outer')].sort());
    const cast = `/groups/${group('outer')}/transitiveMembers/microsoft.graph.user?$select=id&$count=true`;
    const members = await tenant.graph('approvalReader', 'GET', cast);
    expect(members.json).toMatchObject({ '@odata.count': 1, value: [{ id: id('ines') }] });
    const direct = await tenant.graph(
      'approvalReader',
      'GET',
      `/groups/${group('outer')}/members?$select=id`,
    );
    expect(direct.json.value).toEqual([{ '@odata.type': '#microsoft.graph.group', id: group('inner') }]);
  });
});

describe('lists', () => {
  it('page with an opaque next link until everybody was seen once', async () => {
    const seen: string[] = [];
    let next: string | undefined = encodeURI(
      "/v1.0/identityProtection/riskyUsers?$filter=riskState eq 'atRisk'",
    );
    for (let pages = 0; next !== undefined && pages < 10; pages++) {
      const { json } = await read(next.slice('/v1.0'.length));
      seen.push(...json.value.map((row: { id: string }) => row.id));
      const link: string | undefined = json['@odata.nextLink'];
      next = link === undefined ? undefined : link.slice(link.indexOf('/v1.0'));
      expect(json.value.length).toBeLessThanOrEqual(20);
    }
    expect(seen).toHaveLength(27);
    expect(new Set(seen).size).toBe(27);
  });

  it('compare times and combine conditions', async () => {
    const since = new Date(start.getTime() - 62.5 * 60_000).toISOString();
    const filter = `$filter=riskLevel eq 'high' and (riskLastUpdatedDateTime gt ${since} and riskState eq 'atRisk')`;
    const { json } = await read(`/identityProtection/riskyUsers?${encodeURI(filter)}`);
    // ines and gone 30 minutes ago; risky-0, -1 and -2 after that.
    expect(json.value).toHaveLength(5);
  });

  it('mask later enum members unless the client asks for them', async () => {
    const path = `/identityProtection/riskyUsers/${id('ines')}`;
    expect((await read(path)).json.riskDetail).toBe('unknownFutureValue');
    const asked = await read(path, { Prefer: 'include-unknown-enum-members' });
    expect(asked.json.riskDetail).toBe('adminConfirmedAccountSafe');
  });

  it('show a detection only once it was made, with its extras as JSON in a string', async () => {
    const filter = encodeURI(`$filter=userId eq '${id('ines')}'`);
    const { value } = (await read(`/identityProtection/riskDetections?${filter}`)).json;
    expect(value).toHaveLength(1);
    expect(JSON.parse(value[0].additionalInfo)).toEqual([{ Key: 'userAgent', Value: 'Mozilla/5.0' }]);
  });

  it('show interactive sign-ins, with policies only to those who may read them', async () => {
    const path = `/auditLogs/signIns?${encodeURI(`$filter=userId eq '${id('ines')}' and status/errorCode eq 0`)}`;
    const { value } = (await read(path)).json;
    expect(value).toHaveLength(1);
    expect(value[0].appliedConditionalAccessPolicies).toMatchObject([{ result: 'success' }]);
    const blind = { appId: stableGuid('app', 'blind'), secret: 's', permissions: ['AuditLog.Read.All'] };
    await tenant.call('POST', '/_sim/clients', { body: blind });
    const token = await tenant.token(blind, tenant.graphScope);
    const unread = await read(path, { authorization: `Bearer ${token}` });
    expect(unread.json.value[0].appliedConditionalAccessPolicies).toEqual([]);
  });

  it('find audit rows by their target and tell who did them', async () => {
    const clause = `targetResources/any(t: t/id eq '${id('ines')}') and startsWith(activityDisplayName,'add')`;
    const { value } = (await read(`/auditLogs/directoryAudits?$filter=${encodeURIComponent(clause)}`)).json;
    expect(value).toMatchObject([
      { activityDisplayName: 'Add device', initiatedBy: { user: { id: id('mona') } } },
    ]);
  });

  it('give the history of a risky user', async () => {
    const { value } = (await read(`/identityProtection/riskyUsers/${id('ines')}/history`)).json;
    expect(value).toMatchObject([{ userId: id('ines'), riskLevel: 'low', activity: { detail: 'none' } }]);
  });
});

describe('$batch', () => {
  it('answers 200 outside whatever happens inside, and fails what depends on a failure', async () => {
    const requests = [
      { id: 'a', method: 'GET', url: `/users/${id('ines')}?$select=id` },
      { id: 'b', method: 'GET', url: `/users/${id('nobody')}` },
      { id: 'c', method: 'GET', url: `/users/${id('mona')}`, dependsOn: ['b'] },
    ];
    const reply = await tenant.graph('contextReader', 'POST', '/$batch', { body: { requests } });
    const statuses = reply.json.responses.map((inner: { id: string; status: number }) => [
      inner.id,
      inner.status,
    ]);
    expect(reply.status).toBe(200);
    expect(Object.fromEntries(statuses)).toEqual({ a: 200, b: 404, c: 424 });
  });

  it('takes no more than 20 requests', async () => {
    const requests = Array.from({ length: 21 }, (_, at) => ({
      id: String(at),
      method: 'GET',
      url: '/users/x',
    }));
    expect((await tenant.graph('contextReader', 'POST', '/$batch', { body: { requests } })).status).toBe(400);
  });
});
