import { graphOpenApi } from '@sallyport/entra/testing';
import { stableGuid } from '@sallyport/scenario';
import { type Reply, runSimulator, type RunningSimulator, start } from '../testing/running-simulator';

const openApi = graphOpenApi();
const ines = stableGuid('user', 'ines');
const paths = [
  ['/users/{user-id}', `/users/${ines}`],
  ['/users/{user-id}/manager', `/users/${ines}/manager`],
  ['/users/{user-id}/transitiveMemberOf', `/users/${ines}/transitiveMemberOf`],
  [
    '/users/{user-id}/transitiveMemberOf/microsoft.graph.directoryRole',
    `/users/${ines}/transitiveMemberOf/microsoft.graph.directoryRole`,
  ],
  ['/groups', '/groups'],
  ['/groups/{group-id}/owners', `/groups/${stableGuid('group', 'chess')}/owners`],
  ['/users/{user-id}/authentication/methods', `/users/${ines}/authentication/methods`],
  ['/users/{user-id}/registeredDevices', `/users/${ines}/registeredDevices`],
  ['/identityProtection/riskyUsers', '/identityProtection/riskyUsers'],
  ['/identityProtection/riskyUsers/{riskyUser-id}', `/identityProtection/riskyUsers/${ines}`],
  ['/identityProtection/riskyUsers/{riskyUser-id}/history', `/identityProtection/riskyUsers/${ines}/history`],
  ['/identityProtection/riskDetections', '/identityProtection/riskDetections'],
  ['/auditLogs/signIns', '/auditLogs/signIns'],
  ['/auditLogs/directoryAudits', '/auditLogs/directoryAudits'],
  [
    '/roleManagement/directory/roleAssignments',
    `/roleManagement/directory/roleAssignments?${encodeURI(`$filter=principalId eq '${ines}'`)}&$expand=roleDefinition`,
  ],
  [
    '/roleManagement/directory/roleEligibilityScheduleInstances',
    '/roleManagement/directory/roleEligibilityScheduleInstances',
  ],
  [
    '/reports/authenticationMethods/userRegistrationDetails/{userRegistrationDetails-id}',
    `/reports/authenticationMethods/userRegistrationDetails/${ines}`,
  ],
] as const;

(openApi ? describe : describe.skip)('answers of the simulated Graph', () => {
  let tenant: RunningSimulator;

  beforeAll(async () => {
    tenant = await runSimulator();
    await tenant.setClock(start);
    await tenant.load({
      users: [
        {
          key: 'ines',
          manager: 'mona',
          groups: ['staff'],
          roles: ['Reports Reader'],
          eligibleRoles: ['Security Reader'],
          methods: [{ type: 'password' }, { type: 'fido2' }, { type: 'phone' }],
          devices: [{}],
          risk: { history: [{ at: '-2d', state: 'atRisk' }] },
          detections: [{ location: { city: 'Szeged', countryOrRegion: 'HU' } }],
          signIns: [{ mfa: true, device: { deviceId: 'd' } }, { errorCode: 50126 }],
          audits: [
            { activity: 'Add device', modified: [{ name: 'Enabled', new: 'true' }], details: { os: 'x' } },
            {
              activity: 'Update user',
              by: { app: 'HR' },
              modified: [{ name: 'OtherMails', old: [], new: ['x'] }],
            },
          ],
        },
        { key: 'mona' },
      ],
      groups: [{ key: 'staff' }, { key: 'chess', owners: ['ines'] }],
    });
  });
  afterAll(() => tenant.stop());

  const problems = (url: string, { status, json: answer }: Reply) =>
    openApi?.problems({ method: 'GET', url, body: undefined, status, answer });

  it.each(paths)('match the schema of GET %s', async (_template, path) => {
    const reply = await tenant.graph('contextReader', 'GET', path);
    expect(reply.status).toBe(200);
    expect(problems(path, reply)).toEqual([]);
    if ('value' in reply.json) expect(reply.json.value).not.toHaveLength(0);
  });

  it('match the schema of errors', async () => {
    const path = `/users/${stableGuid('user', 'nobody')}`;
    const reply = await tenant.graph('contextReader', 'GET', path);
    expect(reply.status).toBe(404);
    expect(problems(path, reply)).toEqual([]);
  });
});
