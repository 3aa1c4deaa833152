import { buildTenant, incidentNumber, resolveTime, stableGuid, stableSysId, tenantSchema } from './tenant';

const now = new Date('2026-11-20T09:00:00.000Z');

it.each([
  ['now', '2026-11-20T09:00:00.000Z'],
  ['-2h', '2026-11-20T07:00:00.000Z'],
  ['-35m', '2026-11-20T08:25:00.000Z'],
  ['+10s', '2026-11-20T09:00:10.000Z'],
  ['-90d', '2026-08-22T09:00:00.000Z'],
  ['2026-01-02T03:04:05Z', '2026-01-02T03:04:05.000Z'],
])('reads the time %s as %s', (text, expected) => {
  expect(resolveTime(text, now)).toBe(expected);
});

it.each([['2 hours ago'], ['-2w'], ['']])('refuses the time "%s"', (lastUpdated) => {
  expect(tenantSchema.safeParse({ users: [{ key: 'x', risk: { lastUpdated } }] }).success).toBe(false);
});

it('gives the same ids for the same keys, in the forms that Entra and ServiceNow use', () => {
  expect(stableGuid('user', 'ines')).toBe(stableGuid('user', 'ines'));
  expect(stableGuid('user', 'ines')).not.toBe(stableGuid('group', 'ines'));
  expect(stableGuid('user', 'ines')).toMatch(
    /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
  expect(stableSysId('incident', 'a')).toMatch(/^[0-9a-f]{32}$/);
  expect(incidentNumber('a')).toMatch(/^INC\d{7}$/);
});

it('resolves keys wherever people name each other, given ids included', () => {
  const boss = '11111111-1111-4111-8111-111111111111';
  const tenant = buildTenant(
    {
      users: [
        {
          key: 'ines',
          manager: 'boss',
          groups: ['staff'],
          audits: [{ activity: 'Set user manager', by: 'boss' }],
        },
        { key: 'boss', id: boss, displayName: 'The Boss' },
      ],
      groups: [{ key: 'staff', owners: ['boss'] }],
      incidents: [{ key: 'ticket', subject: 'ines', caller: 'earlier-person' }],
    },
    now,
  );
  expect(tenant.users[0]).toMatchObject({ managerId: boss, groupIds: [stableGuid('group', 'staff')] });
  expect(tenant.groups[0]?.ownerIds).toEqual([boss]);
  expect(tenant.audits[0]?.initiatedBy).toMatchObject({ user: { id: boss, displayName: 'The Boss' } });
  expect(tenant.incidents[0]).toMatchObject({
    subjectSysId: stableSysId('sys_user', 'ines'),
    callerSysId: stableSysId('sys_user', 'earlier-person'),
  });
});

it('leaves out of ServiceNow whoever is not there', () => {
  const given = {
    users: [{ key: 'ghost', inServiceNow: false }],
    incidents: [{ key: 'ticket', subject: 'ghost' }],
  };
  expect(buildTenant(given, now).incidents[0]?.subjectSysId).toBe('');
});

it('knows roles by name, by template id, and by scope; an unknown id is a custom role', () => {
  const custom = '99999999-9999-4999-8999-999999999999';
  const roles = ['Security Reader', { role: 'User Administrator', scope: '/administrativeUnits/1' }, custom];
  const [user] = buildTenant({ users: [{ key: 'x', roles }] }, now).users;
  expect(user?.roles).toEqual([
    {
      templateId: '5d6b6bb7-de71-4623-b4af-96380a352509',
      displayName: 'Security Reader',
      directoryScopeId: '/',
    },
    {
      templateId: 'fe930be7-5e62-47db-91af-98c3a49a38b1',
      displayName: 'User Administrator',
      directoryScopeId: '/administrativeUnits/1',
    },
    { templateId: custom, displayName: 'Custom role', directoryScopeId: '/' },
  ]);
});

it('turns a key with any characters into a usable user principal name', () => {
  const [user] = buildTenant({ users: [{ key: 'vip-travel/Ines Varga' }] }, now).users;
  expect(user?.userPrincipalName).toBe('vip-travel-ines-varga@fabrikam.example');
});
