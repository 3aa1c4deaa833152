import { type Capability, type Evidence, obstacles, type Plan, planSchema } from '@sallyport/evidence';
import * as b from './evidence.builder';
import { planFor } from './plan';

const no = (...of: Capability['obstacles']): Capability => ({ can: 'no', obstacles: of });
const maybe = (...of: Capability['obstacles']): Capability => ({ can: 'unknown', obstacles: of });
const contain = ['revokeSessions', 'forcePasswordChange'];
const disabled = b.withUser({ accountEnabled: false });

const table: [string, Plan['action'], Partial<Evidence>[], automatic: string[], manual: string[]][] = [
  ['an ordinary account is contained by us', 'contain', [], contain, []],
  [
    'a password that is kept elsewhere is left to a person',
    'contain',
    [b.withCapabilities({ forcePasswordChange: no('synced') })],
    ['revokeSessions'],
    ['forcePasswordChange'],
  ],
  [
    'what two things stand against is left to a person once',
    'contain',
    [b.withCapabilities({ forcePasswordChange: no('notGranted', 'federated') })],
    ['revokeSessions'],
    ['forcePasswordChange'],
  ],
  [
    'a no without a reason is still a no',
    'contain',
    [b.withCapabilities({ forcePasswordChange: no() })],
    ['revokeSessions'],
    ['forcePasswordChange'],
  ],
  [
    'roles not read count as privileged',
    'contain',
    [b.withCapabilities({ forcePasswordChange: maybe('privilegedTarget', 'passwordless') })],
    ['revokeSessions'],
    ['forcePasswordChange'],
  ],
  [
    'an unknown user type counts as guest',
    'contain',
    [b.withCapabilities({ revokeSessions: maybe('guest'), forcePasswordChange: maybe('guest') })],
    [],
    contain,
  ],
  [
    'without a registration report the change is forced',
    'contain',
    [b.withCapabilities({ forcePasswordChange: maybe('passwordless', 'noSelfServiceReset') })],
    contain,
    [],
  ],
  [
    'what we were perhaps not given is tried: Graph would refuse',
    'contain',
    [b.withCapabilities({ revokeSessions: maybe('notGranted'), forcePasswordChange: maybe('notGranted') })],
    contain,
    [],
  ],
  [
    'a password that may be kept elsewhere is left to a person: Graph would set one that nobody asks for',
    'contain',
    [b.withCapabilities({ forcePasswordChange: maybe('notGranted', 'federated') })],
    ['revokeSessions'],
    ['forcePasswordChange'],
  ],
  ['without a preflight all is left to a person', 'contain', [{ capabilities: b.unread() }], [], contain],
  ['an enabled account only needs its risk dismissed', 'release', [], ['dismissRisk'], []],
  ['a disabled account is enabled after that', 'release', [disabled], ['dismissRisk', 'enableAccount'], []],
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
    [disabled, b.withCapabilities({ enableAccount: no('synced') })],
    ['dismissRisk'],
    ['enableAccount'],
  ],
  [
    'a guest is released at home',
    'release',
    [disabled, b.withCapabilities({ dismissRisk: no('guest'), enableAccount: no('guest') })],
    [],
    ['dismissRisk', 'enableAccount'],
  ],
];

test.each(table)('%s (%s)', (_name, action, parts, automatic, manual) => {
  const plan = planSchema.parse(planFor(action, b.evidence(...parts)));
  expect(plan.steps).toEqual(automatic);
  expect(plan.manualSteps.map(({ kind }) => kind)).toEqual(manual);
});

test.each(obstacles)('%s is told in words that a person can act on, whatever the step', (obstacle) => {
  const blocked = no(obstacle);
  const evidence = b.evidence(
    disabled,
    b.withCapabilities({
      ...{ revokeSessions: blocked, forcePasswordChange: blocked },
      ...{ dismissRisk: blocked, enableAccount: blocked },
    }),
  );
  const told = (['contain', 'release'] as const).flatMap((action) => planFor(action, evidence).manualSteps);
  expect(told).toHaveLength(4);
  for (const { reason, instruction } of told) {
    expect(reason).toMatch(/\.$/);
    expect(instruction).toMatch(/\.$/);
  }
});

test.each<[string, Capability, RegExp]>([
  ['synced before not granted', no('notGranted', 'synced'), /Active Directory/],
  ['guest before all', no('synced', 'guest', 'privilegedTarget'), /home organisation/],
  [
    'passwordless before no self-service reset',
    no('noSelfServiceReset', 'passwordless'),
    /passkey|Windows Hello/,
  ],
])('of several obstacles the one that tells who can help is told: %s', (_what, capability, words) => {
  const evidence = b.evidence(b.withCapabilities({ forcePasswordChange: capability }));
  expect(planFor('contain', evidence).manualSteps[0]?.instruction).toMatch(words);
});

describe('containment by raising the risk', () => {
  const raised = (evidence: Evidence) => planFor('contain', evidence, 'raiseRisk');
  const ofRisk = (state: 'atRisk' | 'confirmedCompromised') => b.withRisk({ state });

  const raisable = (forcePasswordChange: Capability) =>
    b.evidence(
      ofRisk('atRisk'),
      b.withCapabilities({ raiseRisk: { can: 'yes', obstacles: [] }, forcePasswordChange }),
    );

  it.each<[string, Capability]>([
    ['an ordinary account', { can: 'yes', obstacles: [] }],
    ['one whose password we were not given the right to set', no('notGranted', 'privilegedTarget')],
    ['one without a registration report', maybe('passwordless', 'noSelfServiceReset')],
    ['one that may not be ours to set, for no reason that keeps its user', no()],
  ])('raises it instead of scrambling the password, and no more, for %s', (_who, capability) => {
    expect(raised(raisable(capability))).toMatchObject({
      steps: ['revokeSessions', 'raiseRisk'],
      manualSteps: [],
    });
  });
  it.each<[string, Capability, RegExp]>([
    ['is synced', no('notGranted', 'synced'), /Active Directory/],
    ['is federated', no('federated'), /identity provider/],
    ['may be federated', maybe('notGranted', 'federated'), /identity provider/],
    ['signs in without a password', no('passwordless', 'noSelfServiceReset'), /passkey/],
    ['has no way to reset it alone', no('noSelfServiceReset'), /Temporary Access Pass/],
  ])('raises it and leaves the password to a person where the account %s', (_how, capability, words) => {
    const plan = planSchema.parse(raised(raisable(capability)));
    expect(plan.steps).toEqual(['revokeSessions', 'raiseRisk']);
    expect(plan.manualSteps).toEqual([
      { kind: 'forcePasswordChange', reason: expect.any(String), instruction: expect.stringMatching(words) },
    ]);
  });
  it('does not raise one that is confirmed: that would come back as one more detection', () => {
    expect(raised(b.evidence(ofRisk('confirmedCompromised'))).steps).toEqual(['revokeSessions']);
  });
  it('leaves it to a person where we may not, or where nobody has looked whether we may', () => {
    const guest = b.evidence(b.withCapabilities({ raiseRisk: no('guest') }));
    const unseen = b.evidence(b.withCapabilities({}));
    for (const evidence of [guest, unseen])
      expect(raised(evidence)).toMatchObject({
        steps: ['revokeSessions'],
        manualSteps: [{ kind: 'raiseRisk' }],
      });
  });
});
