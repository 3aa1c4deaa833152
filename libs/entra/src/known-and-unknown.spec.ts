import type {
  Device,
  DirectoryAudit,
  Group,
  RiskDetection,
  RiskyUser,
  SignIn,
  User,
  UserRegistrationDetails,
} from '@microsoft/microsoft-graph-types';
import { type EvidencePart, evidenceParts, evidenceSchema, type Reading } from '@sallyport/evidence';
import { EvidenceReader } from './evidence-reader';
import { graphError, graphServer, stillRuntime, type Scripted } from './graph-server.fixture';

/*
 * For each thing that approvers and rules rely on: the answers of Graph that make it true, false and unknown. Add a
 * line for every odd answer that is met.
 */

const ines = '3f1b6a52-7c0d-4e7e-9a0f-2b1f0d5c9e11';
const boss = '9b2e6a7f-2f50-4a37-9a3e-8f1f6d1f0001';
const group = '00000000-0000-4000-8000-000000000001';
const since = '2026-11-13T00:00:00.000Z';
const at = '2026-11-20T09:00:00.1234567Z';
const ok = (body: unknown): Scripted => ({ status: 200, body });
const page = (...value: unknown[]): Scripted => ok({ value });

type Expected = unknown;
type Line = [what: string, answer: Scripted | Scripted[], expected: Expected];
interface Fact {
  part: EvidencePart;
  route: string;
  read: (reader: EvidenceReader) => Promise<Reading<unknown>>;
  fact: (value: never) => unknown;
  lines: Line[];
  /** What Graph answers to the other questions of the same reading. */
  beside: Record<string, Scripted>;
}
const fact = <V>(
  part: Fact['part'],
  route: string,
  read: (reader: EvidenceReader) => Promise<Reading<V>>,
  of: (value: V) => unknown,
  lines: Line[],
  beside: Record<string, Scripted> = {},
): Fact => ({ part, route, read, fact: of, lines, beside });

const user = { id: ines, userPrincipalName: 'ines@fabrikam.example' } satisfies User;
const risk = {
  ...{ id: ines, isDeleted: false, isProcessing: false, riskLevel: 'high', riskState: 'atRisk' },
  ...{ riskDetail: 'none', riskLastUpdatedDateTime: at },
} satisfies RiskyUser;
const detection = {
  ...{ id: 'd', userId: ines, riskEventType: 'unlikelyTravel', riskLevel: 'low', riskState: 'atRisk' },
  detectedDateTime: at,
} satisfies RiskDetection;
const signIn = {
  ...{ id: 's', userId: ines, createdDateTime: at, isInteractive: true, status: { errorCode: 0 } },
} satisfies SignIn;
const audit = {
  ...{ id: 'a', activityDateTime: at, activityDisplayName: 'Reset password (self-service)' },
  ...{ result: 'success', initiatedBy: { user: { id: ines } }, targetResources: [{ id: ines }] },
} satisfies DirectoryAudit;
const device = { id: group, deviceId: 'pc', displayName: 'PC' } satisfies Device;
const registration = {
  ...{ isMfaRegistered: true, isSsprCapable: true, isPasswordlessCapable: false },
} satisfies UserRegistrationDetails;
const noLicence = graphError(403, 'Authentication_RequestFromNonPremiumTenantOrB2CTenant');
const absent = graphError(404, 'Request_ResourceNotFound');
const html: Scripted = { status: 200, html: '<h1>Signing you in</h1>' };

const places = '/identityGovernance/privilegedAccess/group/eligibilityScheduleInstances';
const staff = {
  ...{ '@odata.type': '#microsoft.graph.group', id: group, displayName: 'Staff' },
  isAssignableToRole: null,
} satisfies Group & { '@odata.type': string };
const noRoles = {
  [`GET /users/${ines}/transitiveMemberOf`]: page(),
  'GET /groups': page(),
  'GET /roleManagement/directory/roleAssignments': page(),
  'GET /roleManagement/directory/roleEligibilityScheduleInstances': page(),
};

const recorded = {
  ...{
    userId: ines,
    riskLevel: 'high',
    riskState: 'atRisk',
    riskDetail: 'none',
    riskLastUpdatedDateTime: at,
  },
  ...{ initiatedBy: null, activity: { riskEventTypes: ['anomalousToken'], detail: 'none' } },
};

const facts: Record<string, Fact> = {
  'the history of the risk names theft of a token': fact(
    'history',
    `/identityProtection/riskyUsers/${ines}/history`,
    (r) => r.history(ines),
    (items) => items?.some(({ kinds }) => kinds.includes('anomalousToken')),
    [
      ['it does', page(recorded), true],
      [
        'it names another kind',
        page({ ...recorded, activity: { riskEventTypes: ['unlikelyTravel'] } }),
        false,
      ],
      ['what an administrator did has no activity', page({ ...recorded, activity: null }), false],
      ['nothing is kept', page(), false],
      ['about somebody else', page({ ...recorded, userId: boss }), 'invalid'],
      ['without a time', page({ ...recorded, riskLastUpdatedDateTime: null }), 'invalid'],
      [
        'more kinds than there are',
        page({ ...recorded, activity: { riskEventTypes: Array(51).fill('x') } }),
        'invalid',
      ],
      ['never at risk', absent, 'notFound'],
      ['no licence', noLicence, 'forbidden'],
      ['a page of HTML', html, 'unavailable'],
    ],
  ),
  'the history of the risk has a dismissal': fact(
    'history',
    `/identityProtection/riskyUsers/${ines}/history`,
    (r) => r.history(ines),
    (items) => items?.[0]?.state === 'dismissed' && items[0].by === boss,
    [
      [
        'as the newest of two',
        page(recorded, {
          ...recorded,
          riskState: 'dismissed',
          initiatedBy: boss,
          riskLastUpdatedDateTime: '2026-11-20T09:30:00Z',
        }),
        true,
      ],
      ['a state of tomorrow', page({ ...recorded, riskState: 'unknownFutureValue' }), false],
    ],
  ),
  'the account is enabled': fact(
    'user',
    `/users/${ines}`,
    (r) => r.user(ines),
    (u) => u.accountEnabled,
    [
      ['true', ok({ ...user, accountEnabled: true }), true],
      ['false', ok({ ...user, accountEnabled: false }), false],
      ['null', ok({ ...user, accountEnabled: null }), null],
      ['a word', ok({ ...user, accountEnabled: 'yes' }), 'invalid'],
      ['no such user', absent, 'notFound'],
      ['a page of HTML', html, 'unavailable'],
      ['revoked credentials', graphError(401, 'InvalidAuthenticationToken'), 'forbidden'],
    ],
  ),
  'the account is a guest': fact(
    'user',
    `/users/${ines}`,
    (r) => r.user(ines),
    (u) => u.userType,
    [
      ['Guest', ok({ ...user, userType: 'Guest' }), 'guest'],
      ['Member', ok({ ...user, userType: 'Member' }), 'member'],
      ['null on an old object', ok({ ...user, userType: null }), 'unknown'],
      ['a member with #EXT#', ok({ ...user, userType: 'Member', userPrincipalName: 'a#EXT#@b' }), 'guest'],
    ],
  ),
  'the account is synced': fact(
    'user',
    `/users/${ines}`,
    (r) => r.user(ines),
    (u) => u.synced,
    [
      ['true', ok({ ...user, onPremisesSyncEnabled: true }), true],
      ['false: it was, once', ok({ ...user, onPremisesSyncEnabled: false }), false],
      ['null: it never was', ok({ ...user, onPremisesSyncEnabled: null }), false],
      ['not in the answer', ok(user), null],
      ['a word', ok({ ...user, onPremisesSyncEnabled: 'yes' }), 'invalid'],
    ],
  ),
  'the account is a resource': fact(
    'user',
    `/users/${ines}`,
    (r) => r.user(ines),
    (u) => u.resourceAccount,
    [
      ['true', ok({ ...user, isResourceAccount: true }), true],
      ['false', ok({ ...user, isResourceAccount: false }), false],
      ['null', ok({ ...user, isResourceAccount: null }), null],
      ['not in the answer', ok(user), null],
      ['a number', ok({ ...user, isResourceAccount: 0 }), 'invalid'],
    ],
  ),
  'the account is in a restricted unit': fact(
    'user',
    `/users/${ines}`,
    (r) => r.user(ines),
    (u) => u.managementRestricted,
    [
      ['true', ok({ ...user, isManagementRestricted: true }), true],
      ['false', ok({ ...user, isManagementRestricted: false }), false],
      ['null', ok({ ...user, isManagementRestricted: null }), null],
      ['not in the answer', ok(user), null],
      ['a word', ok({ ...user, isManagementRestricted: 'no' }), 'invalid'],
    ],
  ),
  'the account is federated': fact(
    'user',
    `/users/${ines}`,
    (r) => r.user(ines, ['partner.example']),
    (u) => u.federated,
    [
      ['a federated domain', ok({ ...user, userPrincipalName: 'ines@Partner.example' }), true],
      ['another domain', ok(user), false],
      ['the domain as a name only', ok({ ...user, userPrincipalName: 'partner.example' }), true],
    ],
  ),
  'the password has a policy of its own': fact(
    'user',
    `/users/${ines}`,
    (r) => r.user(ines),
    (u) => u.passwordPolicies,
    [
      ['one', ok({ ...user, passwordPolicies: 'DisablePasswordExpiration' }), ['DisablePasswordExpiration']],
      [
        'two in one string',
        ok({ ...user, passwordPolicies: 'DisablePasswordExpiration, DisableStrongPassword' }),
        ['DisablePasswordExpiration', 'DisableStrongPassword'],
      ],
      ['none', ok({ ...user, passwordPolicies: 'None' }), []],
      ['null', ok({ ...user, passwordPolicies: null }), []],
      ['a list', ok({ ...user, passwordPolicies: ['None'] }), 'invalid'],
    ],
  ),
  'the user can become member or owner of a guarded group': fact(
    'roles',
    places,
    (r) => r.roles(ines),
    (roles) => roles.roleAssignableGroup,
    [
      ['as a member', page({ principalId: ines, groupId: group, accessId: 'member' }), true],
      ['as an owner', page({ principalId: ines, groupId: group, accessId: 'owner' }), true],
      ['not at all', page(), false],
      ['no licence', noLicence, 'forbidden'],
      ['not a page', ok({ values: [] }), 'invalid'],
    ],
    noRoles,
  ),
  'a group of the user can': fact(
    'roles',
    `${places}?$filter=principalId eq '${group}'`,
    (r) => r.roles(ines),
    (roles) => roles.roleAssignableGroup,
    [
      ['as a member', page({ principalId: group, groupId: boss, accessId: 'member' }), true],
      ['as an owner', page({ principalId: group, groupId: boss, accessId: 'owner' }), true],
      ['not at all', page(), false],
      ['may not be asked', graphError(403, 'Authorization_RequestDenied'), 'forbidden'],
      ['not a page', ok({ values: [] }), 'invalid'],
    ],
    { ...noRoles, [`GET /users/${ines}/transitiveMemberOf`]: page(staff), [`GET ${places}`]: page() },
  ),
  'the user is at risk': fact(
    'risk',
    `/identityProtection/riskyUsers/${ines}`,
    (r) => r.risk(ines),
    (value) => [value.state, value.level, value.processing],
    [
      ['at risk', ok(risk), ['atRisk', 'high', false]],
      ['never at risk', graphError(404, 'ResourceNotFound'), ['none', 'none', false]],
      ['still computing', ok({ ...risk, isProcessing: true }), ['atRisk', 'high', true]],
      ['a hidden level', ok({ ...risk, riskLevel: 'hidden' }), ['atRisk', 'hidden', false]],
      ['a new level', ok({ ...risk, riskLevel: 'unknownFutureValue' }), ['atRisk', 'unknown', false]],
      ['a new state', ok({ ...risk, riskState: 'napping' }), ['unknown', 'high', false]],
      ['no flag', ok({ ...risk, isProcessing: null }), 'invalid'],
      ['no licence', noLicence, 'forbidden'],
      ["a proxy's 404", { status: 404, html: 'not here' }, 'invalid'],
    ],
  ),
  'a detection stands': fact(
    'detections',
    '/identityProtection/riskDetections',
    (r) => r.detections(ines, since),
    (rows) => rows.map(({ kind, markers, detectedAt }) => [kind, markers, detectedAt]),
    [
      ['one, in seven digits', page(detection), [['unlikelyTravel', [], '2026-11-20T09:00:00.123Z']]],
      ['none', page(), []],
      ['the same one twice', page(detection, detection), [['unlikelyTravel', [], expect.any(String)]]],
      [
        'additionalInfo as broken JSON in a string',
        page({ ...detection, riskEventType: 'anomalousToken', additionalInfo: '[{"Key":' }),
        [['anomalousToken', ['tokenTheft'], expect.any(String)]],
      ],
      ["somebody else's", page({ ...detection, userId: boss }), []],
      ['no time', page({ ...detection, detectedDateTime: null }), 'invalid'],
      ['no licence', noLicence, 'forbidden'],
      ['not a page', ok({ values: [] }), 'invalid'],
    ],
  ),
  'somebody dismissed a detection before': fact(
    'detections',
    '/identityProtection/riskDetections',
    (r) => r.detections(ines, since),
    (rows) => rows.map(({ state, detail, updatedAt }) => [state, detail, updatedAt]),
    [
      [
        'dismissed by an administrator',
        page({
          ...detection,
          ...{ riskState: 'dismissed', riskDetail: 'adminDismissedAllRiskForUser', lastUpdatedDateTime: at },
        }),
        [['dismissed', 'adminDismissedAllRiskForUser', '2026-11-20T09:00:00.123Z']],
      ],
      ['open', page({ ...detection, riskDetail: 'none' }), [['atRisk', 'none', null]]],
      [
        'no word on how',
        page({ ...detection, riskState: 'dismissed', riskDetail: null }),
        [['dismissed', 'none', null]],
      ],
      ['a time that is none', page({ ...detection, lastUpdatedDateTime: 'yesterday' }), 'invalid'],
    ],
  ),
  'a detection was made while the person signed in': fact(
    'detections',
    '/identityProtection/riskDetections',
    (r) => r.detections(ines, since),
    (rows) => rows[0]?.timing,
    [
      ['yes', page({ ...detection, detectionTimingType: 'realtime' }), 'realtime'],
      ['no, later', page({ ...detection, detectionTimingType: 'offline' }), 'offline'],
      ['not said', page(detection), 'unknown'],
      ['a new word', page({ ...detection, detectionTimingType: 'unknownFutureValue' }), 'unknown'],
    ],
  ),
  'MFA was passed': fact(
    'signIns',
    '/auditLogs/signIns',
    (r) => r.signIns(ines, since),
    (rows) => rows[0]?.mfa,
    [
      [
        'passed',
        page({ ...signIn, status: { errorCode: 0, additionalDetails: 'MFA successfully completed' } }),
        'passed',
      ],
      ['denied', page({ ...signIn, status: { errorCode: 500121 } }), 'notPassed'],
      ['not said', page(signIn), 'unknown'],
      ['no row', page(), undefined],
      ['no licence', noLicence, 'forbidden'],
    ],
  ),
  'conditional access let the sign-in pass': fact(
    'signIns',
    '/auditLogs/signIns',
    (r) => r.signIns(ines, since),
    (rows) => [rows[0]?.conditionalAccess, rows[0]?.errorCode],
    [
      ['success', page({ ...signIn, conditionalAccessStatus: 'success' }), ['success', 0]],
      [
        'blocked',
        page({ ...signIn, conditionalAccessStatus: 'failure', status: { errorCode: 53003 } }),
        ['failure', 53003],
      ],
      ['locked by smart lockout', page({ ...signIn, status: { errorCode: 50053 } }), ['unknown', 50053]],
      ['not applied', page({ ...signIn, conditionalAccessStatus: 'notApplied' }), ['notApplied', 0]],
      ['a new word', page({ ...signIn, conditionalAccessStatus: 'unknownFutureValue' }), ['unknown', 0]],
    ],
  ),
  'the sign-in was blocked': fact(
    'signIns',
    '/auditLogs/signIns',
    (r) => r.signIns(ines, since),
    (rows) => rows[0]?.blocked,
    [
      ...(
        [
          ['a success', 0, null],
          ['a wrong password', 50126, null],
          ['MFA denied', 500121, null],
          ['smart lockout or a malicious address', 50053, 'lockedOrMaliciousAddress'],
          ['a disabled account', 50057, 'accountDisabled'],
          ['a password that must change because of risk', 50142, 'risk'],
          ['a registration that risk forbids', 53004, 'risk'],
          ['conditional access', 53003, 'conditionalAccess'],
          ['a device that is not compliant', 53000, 'deviceOrApp'],
          ['a code that is new to us', 999_999, null],
        ] as const
      ).map(([what, errorCode, expected]): Line => [
        what,
        page({ ...signIn, status: { errorCode } }),
        expected,
      ]),
      ...(
        [
          [
            'smart lockout',
            "The account is locked, you've tried to sign in too many times with an incorrect user ID or password.",
            'smartLockout',
          ],
          [
            'a malicious address',
            'Sign-in was blocked because it came from an IP address with malicious activity.',
            'maliciousAddress',
          ],
          [
            'a reason that names both',
            'You tried too many times, or came from an address with malicious activity.',
            'lockedOrMaliciousAddress',
          ],
          ['a reason that is new to us', 'Other.', 'lockedOrMaliciousAddress'],
        ] as const
      ).map(([what, failureReason, expected]): Line => [
        what,
        page({ ...signIn, status: { errorCode: 50053, failureReason } }),
        expected,
      ]),
      ['no code', page({ ...signIn, status: {} }), 'invalid'],
    ],
  ),
  'the user reset the password': fact(
    'changes',
    '/auditLogs/directoryAudits',
    (r) => r.changes(ines, since, ['0f0f0f0f-0000-4000-8000-000000000001']),
    (rows) => rows.map(({ kind, succeeded, by }) => [kind, succeeded, by]),
    [
      ['done by the user', page(audit), [['selfServiceReset', true, 'subject']]],
      ['tried in vain', page({ ...audit, result: 'failure' }), [['selfServiceReset', false, 'subject']]],
      ['timed out', page({ ...audit, result: 'timeout' }), [['selfServiceReset', false, 'subject']]],
      [
        'done by an administrator',
        page({ ...audit, activityDisplayName: 'Reset user password', initiatedBy: { user: { id: boss } } }),
        [['adminPasswordReset', true, 'otherPerson']],
      ],
      [
        'done by ourselves',
        page({ ...audit, initiatedBy: { app: { appId: '0F0F0F0F-0000-4000-8000-000000000001' } } }),
        [['selfServiceReset', true, 'sallyport']],
      ],
      [
        'an ordinary change',
        page({ ...audit, activityDisplayName: 'Change user password' }),
        [['passwordChange', true, 'subject']],
      ],
      [
        'values as JSON in a string',
        page({ ...audit, targetResources: [{ id: ines, modifiedProperties: [{ newValue: '"[true]"' }] }] }),
        [['selfServiceReset', true, 'subject']],
      ],
      ['no event', page(), []],
      ['no initiator', page({ ...audit, initiatedBy: null }), [['selfServiceReset', true, 'unknown']]],
      ['no time', page({ ...audit, activityDateTime: 'today' }), 'invalid'],
    ],
  ),
  'something changed that facts ask for': fact(
    'changes',
    '/auditLogs/directoryAudits',
    (r) => r.changes(ines, since, []),
    (rows) => rows.map(({ kind, succeeded, mayBe }) => [kind, succeeded, mayBe]),
    [
      ['yes', page({ ...audit, activityDisplayName: 'Add member to role' }), [['roleAssigned', true, []]]],
      [
        'no, it failed',
        page({ ...audit, activityDisplayName: 'Add member to role', result: 'failure' }),
        [['roleAssigned', false, []]],
      ],
      ['no, another thing', page({ ...audit, activityDisplayName: 'Add user' }), [['other', true, []]]],
      [
        'perhaps, an update that does not say of what',
        page({ ...audit, activityDisplayName: 'Update user' }),
        [['other', true, ['securityInfoRegistered', 'securityInfoDeleted']]],
      ],
      [
        'perhaps, the name is new to us',
        page({ ...audit, activityDisplayName: 'Add guest star to role', category: 'RoleManagement' }),
        [['other', true, ['roleAssigned']]],
      ],
      [
        'perhaps, it timed out',
        page({ ...audit, activityDisplayName: 'Add member to role', result: 'timeout' }),
        [['roleAssigned', false, ['roleAssigned']]],
      ],
      ['a category that is no word', page({ ...audit, category: 7 }), 'invalid'],
    ],
  ),
  'a device is theirs': fact(
    'devices',
    `/users/${ines}/registeredDevices`,
    (r) => r.devices(ines),
    (rows) => rows.map(({ compliant }) => compliant),
    [
      ['compliant', page({ ...device, isCompliant: true }), [true]],
      ['not compliant', page({ ...device, isCompliant: false }), [false]],
      ['not said', page(device), [null]],
      ['none', page(), []],
      ['a name instead of an id', page({ ...device, id: 'PC' }), 'invalid'],
    ],
  ),
  'the operating system of a device is a word': fact(
    'devices',
    `/users/${ines}/registeredDevices`,
    (r) => r.devices(ines),
    (rows) => rows.map(({ operatingSystem }) => operatingSystem),
    [
      ['a name', page({ ...device, operatingSystem: 'Windows 11' }), ['Windows 11']],
      ['none', page({ ...device, operatingSystem: null }), ['unknown']],
      ['markup', page({ ...device, operatingSystem: '[call us](https://evil.example)' }), ['unknown']],
    ],
  ),
  'self-service reset is possible': fact(
    'registration',
    `/reports/authenticationMethods/userRegistrationDetails/${ines}`,
    (r) => r.registration(ines),
    (value) => value.selfServiceResetCapable,
    [
      ['yes', ok(registration), true],
      ['no', ok({ ...registration, isSsprCapable: false }), false],
      ['not in the report', absent, 'notFound'],
      ['not said', ok({ ...registration, isSsprCapable: null }), 'invalid'],
    ],
  ),
  'there is a manager': fact(
    'manager',
    `/users/${ines}/manager`,
    (r) => r.manager(ines),
    (m) => m?.id ?? null,
    [
      ['one', ok({ id: boss, displayName: 'Boss' }), boss],
      ['none', absent, null],
      ['an object without id', ok({ displayName: 'Boss' }), 'invalid'],
      ['forbidden', graphError(403, 'Authorization_RequestDenied'), 'forbidden'],
    ],
  ),
};

describe.each(Object.entries(facts))(
  'whether %s',
  (_name, { part, route, read, fact: of, lines, beside }) => {
    it.each(lines)('%s', async (_what, answer, expected) => {
      const server = await graphServer({ ...beside, [`GET ${route}`]: answer });
      try {
        const reading = await read(new EvidenceReader(server.client, ['case-1'], stillRuntime()));
        expect(evidenceSchema.shape[part].parse(reading)).toEqual(reading);
        if (reading.state === 'known') expect(of(reading.value as never)).toEqual(expected);
        else expect(reading.reason).toBe(expected);
      } finally {
        await server.stop();
      }
    });

    it.each(['reset', graphError(503, 'ServiceUnavailable'), graphError(429, 'TooManyRequests')] as const)(
      'is unknown for the time being after %j',
      async (answer) => {
        const server = await graphServer({ ...beside, [`GET ${route}`]: answer });
        try {
          const reading = await read(new EvidenceReader(server.client, ['case-1'], stillRuntime()));
          expect(reading).toMatchObject({ state: 'unknown', reason: 'unavailable' });
        } finally {
          await server.stop();
        }
      },
    );
  },
);

it('names only parts of the evidence', () => {
  expect(Object.values(facts).every(({ part }) => evidenceParts.includes(part))).toBe(true);
});
