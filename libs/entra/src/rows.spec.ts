import type {
  Device,
  DirectoryAudit,
  RiskDetection,
  RiskyUser,
  SignIn,
  User,
  UserRegistrationDetails,
} from '@microsoft/microsoft-graph-types';
import { changeSchema, detectionSchema, riskSchema, signInSchema, userSchema } from '@sallyport/evidence';
import { z } from 'zod';
import { changesFrom } from './change';
import { detectionsFrom } from './detection';
import { devicesFrom } from './device';
import { managerFrom } from './manager';
import { mfaOf } from './mfa';
import { registrationFrom } from './registration';
import { riskFrom } from './risk';
import { assignedRolesFrom, directoryRolesFrom, distinctRoles, groupsFrom } from './roles';
import { signInsFrom } from './sign-in';
import { userFrom } from './user';

const ines = '3f1b6a52-7c0d-4e7e-9a0f-2b1f0d5c9e11';
const beth = '9b2e6a7f-2f50-4a37-9a3e-8f1f6d1f0001';
const since = '2026-11-13T00:00:00.000Z';

describe('a user', () => {
  const row = {
    ...{ id: ines, displayName: 'Ines', userPrincipalName: 'ines.varga@fabrikam.example' },
  } satisfies User;
  it.each([
    ['Member', row.userPrincipalName, 'member'],
    ['Guest', row.userPrincipalName, 'guest'],
    [null, row.userPrincipalName, 'unknown'],
    ['Member', 'ines_contoso.example#EXT#@fabrikam.example', 'guest'],
    ['Robot', row.userPrincipalName, 'unknown'],
  ])('of userType %p with UPN %s is a %s', (userType, userPrincipalName, expected) => {
    expect(userFrom({ ...row, userType, userPrincipalName }, null).userType).toBe(expected);
  });

  it('keeps nulls as unknown and has the shape of the contract', () => {
    const user = userFrom({ ...row, onPremisesSyncEnabled: null, accountEnabled: null }, null);
    expect(user).toMatchObject({ synced: false, accountEnabled: null, managementRestricted: null });
    expect(userSchema.parse(user)).toEqual(user);
  });

  it.each<[string[] | null, boolean | null]>([
    [['fabrikam.example'], true],
    [['contoso.example'], false],
    [[], false],
    [null, null],
  ])('with the federated domains %j is federated: %p', (domains, expected) => {
    const user = userFrom({ ...row, userPrincipalName: 'Ines@Fabrikam.Example' }, domains);
    expect(user.federated).toBe(expected);
  });

  it('is refused without an object id', () => {
    expect(() => userFrom({ ...row, id: 'ines' }, null)).toThrow(z.ZodError);
  });
});

describe('a risky user', () => {
  const row = {
    id: ines,
    isDeleted: false,
    isProcessing: false,
    riskLevel: 'high',
    riskState: 'atRisk',
    riskDetail: 'none',
    riskLastUpdatedDateTime: '2026-11-20T09:14:27.1180000Z',
  } satisfies RiskyUser;
  it('is read as documented', () => {
    const risk = riskFrom(row);
    expect(risk).toEqual({
      level: 'high',
      state: 'atRisk',
      detail: 'none',
      lastUpdatedAt: '2026-11-20T09:14:27.118Z',
      processing: false,
      deleted: false,
    });
    expect(riskSchema.parse(risk)).toEqual(risk);
  });
  it.each([{ isProcessing: null }, { isDeleted: undefined }])('is refused with %p', (odd) => {
    expect(() => riskFrom({ ...row, ...odd })).toThrow(z.ZodError);
  });
});

describe('detections', () => {
  const documented = {
    id: '6c8f0b7ad1e94f27',
    userId: ines,
    riskEventType: 'unfamiliarFeatures',
    riskLevel: 'medium',
    riskState: 'atRisk',
    activityDateTime: '2026-11-20T09:12:01Z',
    detectedDateTime: '2026-11-20T09:12:01Z',
    lastUpdatedDateTime: '2026-11-20T09:15:40Z',
    location: { countryOrRegion: 'HU' },
    additionalInfo: '[{"Key":"riskReasons","Value":["UnfamiliarIP"]}]',
  } satisfies RiskDetection;
  const row = (over: object = {}) => ({ ...documented, ...over });
  it('count once per id, in the last version, newest first', () => {
    const read = detectionsFrom(
      [
        row(),
        row({ riskState: 'dismissed', lastUpdatedDateTime: '2026-11-20T09:30:00Z' }),
        row({ lastUpdatedDateTime: '2026-11-20T09:20:00Z' }),
        row({ id: 'b', detectedDateTime: '2026-11-20T09:40:00Z' }),
      ],
      ines,
      since,
    );
    expect(read.map(({ id, state, updatedAt }) => [id, state, updatedAt])).toEqual([
      ['b', 'atRisk', '2026-11-20T09:15:40.000Z'],
      ['6c8f0b7ad1e94f27', 'dismissed', '2026-11-20T09:30:00.000Z'],
    ]);
    expect(z.array(detectionSchema).parse(read)).toEqual(read);
  });
  it.each(['not JSON', '"[true]"', null, 7])('do not depend on additionalInfo %p', (additionalInfo) => {
    expect(detectionsFrom([row({ additionalInfo })], ines, since)).toHaveLength(1);
  });
  it('of other users and from before the window are dropped', () => {
    const old = row({ id: 'old', detectedDateTime: '2026-11-01T00:00:00Z' });
    expect(detectionsFrom([row({ userId: beth }), old], ines, since)).toEqual([]);
  });
  it('are refused as a whole where one row has no time', () => {
    expect(() => detectionsFrom([row(), row({ detectedDateTime: null })], ines, since)).toThrow(z.ZodError);
  });
});

describe('multifactor authentication of a sign-in', () => {
  it.each([
    [0, 'MFA requirement satisfied by claim in the token', 'none', 'claimed'],
    [0, 'MFA requirement satisfied by claim provided by external provider', 'none', 'claimed'],
    [0, 'MFA requirement satisfied by claim in the token', 'userPassedMFADrivenByRiskBasedPolicy', 'passed'],
    [0, 'MFA requirement satisfied by strong authentication', 'none', 'passed'],
    [50074, 'MFA requirement satisfied by claim in the token', 'none', 'notPassed'],
    [0, 'MFA completed in Azure AD', 'none', 'passed'],
    [0, null, 'userPassedMFADrivenByRiskBasedPolicy', 'passed'],
    [0, 'MFA required in Azure AD', 'none', 'unknown'],
    [0, 'MFA requirement skipped due to remembered device', 'none', 'unknown'],
    [0, null, 'none', 'unknown'],
    [50126, 'MFA completed in Azure AD', 'none', 'unknown'],
    [500121, 'MFA completed in Azure AD', 'none', 'notPassed'],
    [50074, null, 'none', 'notPassed'],
    [50076, null, 'none', 'notPassed'],
  ])(
    'with error %i, details %p and risk detail %s is %s',
    (errorCode, additionalDetails, riskDetail, mfa) => {
      expect(mfaOf({ errorCode, additionalDetails, riskDetail })).toBe(mfa);
    },
  );
});

describe('sign-ins', () => {
  const documented = {
    id: 's1',
    createdDateTime: '2026-11-20T09:00:00Z',
    userId: ines,
    isInteractive: true,
    status: { errorCode: 0, failureReason: 'Other.', additionalDetails: null },
    deviceDetail: { deviceId: '', displayName: '', operatingSystem: 'Windows' },
    userAgent: 'Mozilla/5.0',
  } satisfies SignIn & { userAgent: string };
  const row = (over: object = {}) => ({ ...documented, ...over });
  it('are de-duplicated by id with the newest row kept', () => {
    const later = row({ createdDateTime: '2026-11-20T09:05:00Z', status: { errorCode: 50074 } });
    const read = signInsFrom([row(), later, row({ id: 's2' })], ines, since);
    expect(read.map(({ id, errorCode }) => [id, errorCode])).toEqual([
      ['s1', 50074],
      ['s2', 0],
    ]);
    expect(z.array(signInSchema).parse(read)).toEqual(read);
  });
  it('have an empty device id read as none, and no word on interaction as not interactive', () => {
    expect(signInsFrom([row({ isInteractive: null })], ines, since)[0]).toMatchObject({
      deviceId: null,
      deviceName: null,
      interactive: false,
    });
  });
  it('are refused without a status', () => {
    expect(() => signInsFrom([row({ status: null })], ines, since)).toThrow(z.ZodError);
  });
});

describe('changes', () => {
  const ours = ['11111111-0000-4000-8000-000000000001'];
  const documented = {
    id: 'Directory_1',
    activityDateTime: '2026-11-20T09:20:00.1234567Z',
    activityDisplayName: 'Reset password (self-service)',
    result: 'success',
    initiatedBy: { user: { id: ines, userPrincipalName: 'ines' }, app: null },
    targetResources: [
      {
        id: ines,
        type: 'User',
        modifiedProperties: [{ displayName: 'AccountEnabled', newValue: '"[true]"' }],
      },
    ],
  } satisfies DirectoryAudit;
  const row = (over: object = {}) => ({ ...documented, ...over });
  const read = (over: object) => changesFrom([row(over)], ines, since, ours)[0];

  it.each([
    ['Reset password (self-service)', 'selfServiceReset'],
    ['  RESET PASSWORD (SELF-SERVICE) ', 'selfServiceReset'],
    ['Self-service password reset flow activity progress', 'other'],
    ['Change password (self-service)', 'passwordChange'],
    ['Change user password', 'passwordChange'],
    ['Reset user password', 'adminPasswordReset'],
    ['User registered security info', 'securityInfoRegistered'],
    ['User deleted security info', 'securityInfoDeleted'],
    ['Register device', 'deviceRegistered'],
    ['Consent to application', 'consentGranted'],
    ['Add member to role', 'roleAssigned'],
    ['Set user manager', 'managerChanged'],
    ['Disable account', 'accountDisabled'],
    ['Enable account', 'accountEnabled'],
    ['Update StsRefreshTokenValidFrom Timestamp', 'sessionsRevoked'],
    ['DismissUser', 'riskDismissed'],
    ['constructor', 'other'],
  ])('named %p are of kind %s', (activityDisplayName, kind) => {
    expect(read({ activityDisplayName })?.kind).toBe(kind);
  });

  it.each([
    [{ user: { id: ines.toUpperCase() } }, 'subject'],
    [{ user: { id: beth } }, 'otherPerson'],
    [{ app: { appId: ours[0]!.toUpperCase() } }, 'sallyport'],
    [{ app: { appId: null, displayName: 'Device Registration Service' } }, 'application'],
    [{ user: null, app: null }, 'unknown'],
    [null, 'unknown'],
  ])('begun by %j are by %s', (initiatedBy, by) => {
    expect(read({ initiatedBy })?.by).toBe(by);
  });

  it.each([
    ['success', true],
    ['failure', false],
    ['timeout', false],
    ['unknownFutureValue', false],
    [null, false],
  ])('with result %p have succeeded: %p', (result, succeeded) => {
    expect(read({ result })?.succeeded).toBe(succeeded);
  });

  it('that the subject makes to somebody else do not count as its own, except consent and devices', () => {
    const elsewhere = { targetResources: [{ id: beth }] };
    expect(read({ ...elsewhere, activityDisplayName: 'Reset user password' })?.kind).toBe('other');
    expect(read({ ...elsewhere, activityDisplayName: 'Consent to application' })?.kind).toBe(
      'consentGranted',
    );
  });

  const changed = (name: string, oldValue: unknown, newValue: unknown) => ({
    displayName: name,
    oldValue,
    newValue,
  });
  const phone = '[{"MethodType":6,"Default":true}]';
  const both = '[{"MethodType":6,"Default":true},{"MethodType":7,"Default":false}]';
  const app = {
    ...{ DeviceName: 'phone', DeviceToken: 'apns2-x', Id: 'a1', PhoneAppVersion: '6.8.53' },
    LastAuthenticatedTimestamp: '2026-03-01T14:17:03Z',
  };
  const later = { PhoneAppVersion: '6.8.54', LastAuthenticatedTimestamp: '2026-03-02T01:07:38.8683523Z' };
  const named = (names: string, ...after: object[]) => [
    changed(
      'StrongAuthenticationPhoneAppDetail',
      JSON.stringify([app]),
      JSON.stringify(after.length > 0 ? after : [{ ...app, ...later }]),
    ),
    changed('Included Updated Properties', null, JSON.stringify(names)),
  ];
  const authenticators = (...after: object[]) => named('StrongAuthenticationPhoneAppDetail', ...after);
  const perhaps = ['other', ['securityInfoRegistered', 'securityInfoDeleted']];
  it.each<[what: string, modifiedProperties: unknown, expected: unknown]>([
    ['a method more', [changed('StrongAuthenticationMethod', phone, both)], ['securityInfoRegistered', []]],
    ['the first key', [changed(' searchabledevicekey ', '[]', '["x"]')], ['securityInfoRegistered', []]],
    ['a method less', [changed('StrongAuthenticationMethod', both, phone)], ['securityInfoDeleted', []]],
    [
      'in a string in a string',
      [changed('StrongAuthenticationMethod', JSON.stringify('[]'), JSON.stringify(phone))],
      ['securityInfoRegistered', []],
    ],
    ['as many methods', [changed('StrongAuthenticationMethod', phone, phone)], perhaps],
    ['values that cannot be read', [changed('StrongAuthenticationMethod', '[', null)], perhaps],
    ['a word for a list', [changed('StrongAuthenticationMethod', 'old', '"[true]"')], perhaps],
    [
      'an authenticator',
      [changed('StrongAuthenticationPhoneAppDetail', '[]', '[{"DeviceName":"x"}]')],
      perhaps,
    ],
    ['an authenticator that was used', authenticators({ ...app, ...later }), ['other', []]],
    ['an authenticator that renewed its token', authenticators({ ...app, DeviceToken: 'new' }), perhaps],
    ['an authenticator more', authenticators({ ...app, ...later }, app), perhaps],
    ['another authenticator', authenticators({ ...app, ...later, DeviceName: 'other' }), perhaps],
    ['use, and a number', [...authenticators(app), changed('MobilePhone', '["1"]', '["2"]')], perhaps],
    ['use, and a name alone', named('StrongAuthenticationPhoneAppDetail, OtherMails'), perhaps],
    ['a list that is not shown', named('StrongAuthenticationPhoneAppDetail').slice(1), perhaps],
    ['lists that are empty', [changed('StrongAuthenticationPhoneAppDetail', '[]', '[]')], perhaps],
    ['a number', [changed('StrongAuthenticationUserDetails', '[]', '[{"PhoneNumber":"x"}]')], perhaps],
    ['the demand of MFA', [changed('StrongAuthenticationRequirement', '[{}]', '[]')], perhaps],
    ['another identity', [changed('AltSecurityIds', null, '["x"]')], perhaps],
    ['the address of a reset', [changed('OtherMails', '[]', '["x"]')], perhaps],
    ['the number of a reset', [changed('MobilePhone', '["1"]', '["2"]')], perhaps],
    ['a name of tomorrow', [changed('StrongAuthenticationPasskeyDetail', null, '[]')], perhaps],
    [
      'only in the list of names',
      [changed('Included Updated Properties', null, '"Department, StrongAuthenticationMethod"')],
      perhaps,
    ],
    ['a list of names that is none', [changed('Included Updated Properties', null, '{}')], perhaps],
    ['something else', [changed('Department', '["a"]', '["b"]')], ['other', []]],
    ['something else, with "[true]"', [changed('AccountEnabled', '"[false]"', '"[true]"')], ['other', []]],
    ['nothing', [], ['other', []]],
    ['no list', undefined, perhaps],
    ['null', null, perhaps],
    ['a text for the list', '[]', perhaps],
    ['an entry without a name', [{ newValue: '"[true]"' }], perhaps],
  ])('that update the user, of %s', (_, modifiedProperties, expected) => {
    const { kind, mayBe } = read({
      activityDisplayName: 'Update user',
      targetResources: [{ id: ines, type: 'User', modifiedProperties }],
    })!;
    expect([kind, mayBe]).toEqual(expected);
  });

  it.each<[what: string, over: object, expected: unknown]>([
    ['failed', { result: 'failure' }, ['securityInfoRegistered', []]],
    ['timed out', { result: 'timeout' }, ['securityInfoRegistered', perhaps[1]]],
    ['is about somebody else', { targetResources: [{ id: beth, type: 'User' }] }, ['other', []]],
  ])('that update the user say nothing for sure where it %s', (_, over, expected) => {
    const modifiedProperties = [changed('StrongAuthenticationMethod', phone, both)];
    const targetResources = [{ id: ines, type: 'User', modifiedProperties }];
    const { kind, mayBe } = read({ activityDisplayName: 'Update user', targetResources, ...over })!;
    expect([kind, mayBe]).toEqual(expected);
  });

  it.each([
    ['its keys', [changed('DeviceKey', '[]', '["x"]')], ['deviceRegistered']],
    ['we do not know what', undefined, ['deviceRegistered']],
    ['something else', [changed('DeviceOSVersion', '["1"]', '["2"]')], []],
  ])('that update a device of theirs, %s', (_, modifiedProperties, mayBe) => {
    const targetResources = [{ id: 'device', type: 'Device', modifiedProperties }];
    expect(read({ activityDisplayName: 'Update device', targetResources })).toMatchObject({
      ...{ kind: 'other', mayBe },
    });
  });

  const secrets = ['securityInfoRegistered', 'securityInfoDeleted'];
  it.each<[what: string, over: object, kind: string, mayBe: string[]]>([
    ['a known name', { category: 'UserManagement' }, 'selfServiceReset', []],
    ['a known name that no fact asks for', { activityDisplayName: 'Add user' }, 'other', []],
    [
      'a new name of Authentication Methods',
      { activityDisplayName: 'User enrolled a token', loggedByService: 'Authentication Methods' },
      'other',
      secrets,
    ],
    [
      'a new name of the Device Registration Service',
      { activityDisplayName: 'Add face', loggedByService: 'Device Registration Service', category: 'Device' },
      'other',
      [...secrets, 'deviceRegistered'],
    ],
    [
      'a new name of PIM, whatever its category',
      { activityDisplayName: 'Add member', loggedByService: 'PIM', category: 'GroupManagement' },
      'other',
      ['roleAssigned'],
    ],
    ...(
      [
        ['UserManagement', [...secrets, 'managerChanged']],
        ['Device', ['deviceRegistered']],
        ['ApplicationManagement', ['consentGranted']],
        ['RoleManagement', ['roleAssigned']],
        ['DirectoryManagement', ['roleAssigned']],
        ['GroupManagement', []],
        ['Policy', []],
      ] as const
    ).map(([category, mayBe]): [string, object, string, string[]] => [
      `a new name of the category ${category}`,
      { activityDisplayName: 'Do a new thing', category, loggedByService: 'Core Directory' },
      'other',
      [...mayBe],
    ]),
    [
      'a new name of a new category',
      { activityDisplayName: 'Do a new thing', category: 'Moonlight' },
      'other',
      [...secrets, 'deviceRegistered', 'consentGranted', 'roleAssigned', 'managerChanged'],
    ],
    [
      'a new name that failed',
      { activityDisplayName: 'Do a new thing', category: 'Moonlight', result: 'failure' },
      'other',
      [],
    ],
    [
      'a known name that timed out',
      { activityDisplayName: 'Consent to application', result: 'timeout' },
      'consentGranted',
      ['consentGranted'],
    ],
    [
      'a known name that failed',
      { activityDisplayName: 'Consent to application', result: 'failure' },
      'consentGranted',
      [],
    ],
    [
      'a known name that names nobody',
      { activityDisplayName: 'User registered security info', targetResources: [] },
      'other',
      ['securityInfoRegistered'],
    ],
    [
      'a new name about somebody else',
      {
        activityDisplayName: 'Do a new thing',
        category: 'Moonlight',
        targetResources: [{ id: beth, type: 'User' }],
      },
      'other',
      ['deviceRegistered', 'consentGranted'],
    ],
  ])('%s', (_what, over, kind, mayBe) => {
    const change = read(over);
    expect(change).toMatchObject({ kind, mayBe });
    expect(changeSchema.parse(change)).toEqual(change);
  });

  it('keep the name, category and service as sent, untrusted', () => {
    expect(read({ category: 'A **b**', loggedByService: 'S' })).toMatchObject({
      activity: { untrusted: 'Reset password (self-service)' },
      category: { untrusted: 'A **b**' },
      service: { untrusted: 'S' },
    });
    expect(read({})).toMatchObject({ category: null, service: null });
  });

  it('that do not concern the subject are dropped, and repeated rows count once', () => {
    const foreign = row({ id: 'f', initiatedBy: { user: { id: beth } }, targetResources: [{ id: beth }] });
    const changes = changesFrom([row(), row(), foreign], ines, since, ours);
    expect(changes.map(({ id }) => id)).toEqual(['Directory_1']);
    expect(z.array(changeSchema).parse(changes)).toEqual(changes);
  });
});

describe('roles', () => {
  const globalAdministrator = '62e90394-69f5-4237-9190-012177145e10';
  const custom = '0d6b6f0e-0000-4000-8000-000000000001';
  it('are built-in by template id only; a custom role that borrows a name is not', () => {
    const roles = assignedRolesFrom([
      { roleDefinitionId: globalAdministrator.toUpperCase() },
      { roleDefinitionId: custom, roleDefinition: { displayName: 'Directory Readers' } },
    ]);
    expect(roles.map(({ builtIn, name }) => [builtIn, name.untrusted])).toEqual([
      [true, 'Global Administrator'],
      [false, 'Directory Readers'],
    ]);
  });
  const directoryRole = { '@odata.type': '#microsoft.graph.directoryRole', id: custom };
  it('from several sources count once', () => {
    const active = directoryRolesFrom([{ ...directoryRole, roleTemplateId: globalAdministrator }]);
    expect(distinctRoles([...active, ...active])).toHaveLength(1);
  });
  it('that cannot be seen make the reading unknown', () => {
    expect(() => directoryRolesFrom([{ ...directoryRole, roleTemplateId: null }])).toThrow('hidden');
    const hidden = { '@odata.type': '#microsoft.graph.group', id: custom, displayName: null };
    expect(() => groupsFrom([hidden])).toThrow('hidden');
    const silent = { ...hidden, displayName: 'a', isAssignableToRole: undefined };
    expect(() => groupsFrom([silent])).toThrow('hidden');
    const nameless = { id: custom, displayName: 'a', isAssignableToRole: true };
    expect(() => groupsFrom([nameless])).toThrow('hidden');
    expect(() => groupsFrom([{ ...nameless, '@odata.type': null }])).toThrow('hidden');
  });
  it('come from role-assignable groups, not from other memberships', () => {
    const rows = [
      { '@odata.type': '#microsoft.graph.group', id: ines, displayName: 'a', isAssignableToRole: true },
      { '@odata.type': '#microsoft.graph.group', id: beth, displayName: 'b', isAssignableToRole: null },
      { '@odata.type': '#microsoft.graph.administrativeUnit', id: custom, displayName: null },
    ];
    expect(groupsFrom(rows)).toEqual({ all: [ines, beth], roleAssignable: [ines] });
  });
});

it('devices, registration and manager are read as documented', () => {
  const device = {
    id: beth,
    deviceId: null,
    displayName: '<b>x</b>',
    registrationDateTime: null,
  } satisfies Device;
  expect(devicesFrom([device, device])).toEqual([
    expect.objectContaining({
      id: beth,
      name: { untrusted: '<b>x</b>' },
      compliant: null,
      registeredAt: null,
    }),
  ]);
  const registration = {
    ...{ isMfaRegistered: true, isSsprCapable: false, isPasswordlessCapable: false },
  } satisfies UserRegistrationDetails;
  expect(registrationFrom({ ...registration, methodsRegistered: null }).methods).toEqual([]);
  expect(() => registrationFrom({ ...registration, isSsprCapable: null })).toThrow(z.ZodError);
  expect(managerFrom({ '@odata.type': '#microsoft.graph.orgContact', id: beth })).toEqual({
    id: beth,
    displayName: { untrusted: '' },
    accountEnabled: null,
  });
});
