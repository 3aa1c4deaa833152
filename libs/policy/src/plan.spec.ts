import { planSchema, type Evidence, type Plan, untrusted } from '@sallyport/evidence';
import * as b from './evidence.builder';
import { planFor } from './plan';

const role = { templateId: '62e90394-69f5-4237-9190-012177145e10', name: untrusted('Global'), builtIn: true };
const disabled = { accountEnabled: false };

const table: [string, Plan['action'], Partial<Evidence>[], automatic: string[], manual: string[]][] = [
  ['an ordinary account is contained by us', 'contain', [], ['revokeSessions', 'forcePasswordChange'], []],
  [
    'a synced password is reset in Active Directory',
    'contain',
    [b.withUser({ synced: true })],
    ['revokeSessions'],
    ['forcePasswordChange'],
  ],
  [
    'a federated password is reset where it is kept',
    'contain',
    [b.withUser({ federated: true })],
    ['revokeSessions'],
    ['forcePasswordChange'],
  ],
  [
    'a privileged password is not ours to reset',
    'contain',
    [b.withRoles({ eligible: [role] })],
    ['revokeSessions'],
    ['forcePasswordChange'],
  ],
  [
    'roles not read count as privileged',
    'contain',
    [{ roles: b.unread() }],
    ['revokeSessions'],
    ['forcePasswordChange'],
  ],
  [
    'a restricted unit keeps its password',
    'contain',
    [b.withUser({ managementRestricted: true })],
    ['revokeSessions'],
    ['forcePasswordChange'],
  ],
  [
    "a guest is somebody else's",
    'contain',
    [b.withUser({ userType: 'guest' })],
    [],
    ['revokeSessions', 'forcePasswordChange'],
  ],
  [
    'an unknown user type too',
    'contain',
    [b.withUser({ userType: 'unknown' })],
    [],
    ['revokeSessions', 'forcePasswordChange'],
  ],
  [
    'an unread account is left alone',
    'contain',
    [{ user: b.unread() }],
    [],
    ['revokeSessions', 'forcePasswordChange'],
  ],
  [
    'a passwordless user signs in again',
    'contain',
    [
      b.withRegistration({
        passwordlessCapable: true,
        methods: ['fido2SecurityKey', 'windowsHelloForBusiness'],
      }),
    ],
    ['revokeSessions'],
    ['forcePasswordChange'],
  ],
  [
    'being able to go without a password is not doing so',
    'contain',
    [b.withRegistration({ passwordlessCapable: true, methods: ['fido2SecurityKey', 'mobilePhone'] })],
    ['revokeSessions', 'forcePasswordChange'],
    [],
  ],
  [
    'a user without self-service reset would be locked out',
    'contain',
    [b.withRegistration({ selfServiceResetCapable: false })],
    ['revokeSessions'],
    ['forcePasswordChange'],
  ],
  [
    'without a registration report the change is forced',
    'contain',
    [{ registration: b.unread('notFound') }],
    ['revokeSessions', 'forcePasswordChange'],
    [],
  ],
  ['an enabled account only needs its risk dismissed', 'release', [], ['dismissRisk'], []],
  [
    'a disabled account is enabled after that',
    'release',
    [b.withUser(disabled)],
    ['dismissRisk', 'enableAccount'],
    [],
  ],
  [
    'an account whose state is unknown is not enabled',
    'release',
    [b.withUser({ accountEnabled: null })],
    ['dismissRisk'],
    [],
  ],
  [
    'a synced account is enabled in Active Directory',
    'release',
    [b.withUser({ ...disabled, synced: true })],
    ['dismissRisk'],
    ['enableAccount'],
  ],
  [
    'a restricted account is enabled by its administrators',
    'release',
    [b.withUser({ ...disabled, managementRestricted: true })],
    ['dismissRisk'],
    ['enableAccount'],
  ],
  [
    'a guest is released at home',
    'release',
    [b.withUser({ ...disabled, userType: 'guest' })],
    [],
    ['dismissRisk', 'enableAccount'],
  ],
];

test.each(table)('%s (%s)', (_name, action, parts, automatic, manual) => {
  const plan = planSchema.parse(planFor(action, b.evidence(...parts)));
  expect(plan.steps).toEqual(automatic);
  expect(plan.manualSteps.map(({ kind }) => kind)).toEqual(manual);
  for (const { reason, instruction } of plan.manualSteps) {
    expect(reason).toMatch(/\.$/);
    expect(instruction).toMatch(/\.$/);
  }
});
