import type { Capability, Detection, Device, Obstacle, SignIn, StepKind } from '@sallyport/evidence';
import { capabilitiesSchema, episodeSchema } from '@sallyport/evidence';
import { evidence } from '@sallyport/evidence/testing';
import { capabilitiesFrom, type OwnRights, type Target } from './capabilities';
import { episodeFrom } from './episode';
import { withHistory } from './history';

const subject = '3f1b6a52-7c0d-4e7e-9a0f-2b1f0d5c9e11';
const day = (n: number) => `2026-11-${String(n).padStart(2, '0')}T09:00:00.000Z`;

describe('an episode', () => {
  const detection = (id: string, at: string, over: Partial<Detection> = {}): Detection => ({
    ...{ id, kind: 'unlikelyTravel', markers: [], level: 'medium', state: 'atRisk' },
    ...{ activityAt: null, detectedAt: at, requestId: null, correlationId: null, ip: null, country: null },
    ...over,
  });

  it.each<[string, Detection[], string[] | null]>([
    ['nothing', [], null],
    ['dismissed ones only', [detection('a', day(10), { state: 'dismissed' })], null],
    ['one', [detection('a', day(10))], ['a']],
    ['an old open one too', [detection('a', day(1)), detection('b', day(20))], ['a', 'b']],
    [
      'a remediated one near the newest',
      [detection('a', day(15), { state: 'remediated' }), detection('b', day(20))],
      ['a', 'b'],
    ],
    [
      'no remediated one of long ago',
      [detection('a', day(2), { state: 'remediated' }), detection('b', day(20))],
      ['b'],
    ],
    ['a state that is new to us', [detection('a', day(1), { state: 'unknown' })], ['a']],
  ])('holds %s', (_what, detections, ids) => {
    const episode = episodeFrom(subject, detections);
    expect(episode?.detectionIds ?? null).toEqual(ids);
    expect(episodeSchema.parse(episode)).toEqual(episode);
  });

  it('opens with the first activity, which may be days before it was detected', () => {
    const rows = [detection('a', day(20), { activityAt: day(18) }), detection('b', day(19))];
    expect(episodeFrom(subject, rows)).toMatchObject({ openedAt: day(18), newestAt: day(20) });
  });

  it('has the same id whatever the order of rows, and another one with another detection', () => {
    const rows = [detection('a', day(20)), detection('b', day(19))];
    const id = episodeFrom(subject, rows)?.id;
    expect(episodeFrom(subject, [...rows].reverse())?.id).toBe(id);
    expect(episodeFrom(subject, rows.slice(1))?.id).not.toBe(id);
  });
});

describe('a sign-in', () => {
  const signIn = (over: Partial<SignIn>): SignIn => ({
    ...{
      id: 's',
      at: day(20),
      interactive: true,
      errorCode: 0,
      conditionalAccess: 'success',
      mfa: 'unknown',
    },
    ...{ ip: null, country: null, deviceId: null, knownDevice: null, knownNetwork: null, deviceName: null },
    ...{ app: null, userAgent: null, correlationId: null },
    ...over,
  });
  const device = (registeredAt: string | null): Device => ({
    ...{ id: subject, deviceId: 'pc', name: { untrusted: 'PC' }, operatingSystem: 'x', trustType: 'x' },
    ...{ compliant: null, managed: null, registeredAt },
  });
  const before = signIn({ id: 'before', at: day(10), ip: '192.0.2.1', deviceId: 'old' });

  it.each<[string, Partial<SignIn>, SignIn[], Device[] | null, boolean | null]>([
    ['used before the episode', { deviceId: 'old' }, [before], [], true],
    [
      'used before, but never with success',
      { deviceId: 'old' },
      [{ ...before, errorCode: 50_126 }],
      [],
      false,
    ],
    ['used before, but by no person', { deviceId: 'old' }, [{ ...before, interactive: false }], [], false],
    ['enrolled before', { deviceId: 'pc' }, [], [device(day(1))], true],
    ['enrolled in the episode', { deviceId: 'pc' }, [], [device(day(19))], false],
    ['enrolled at an unknown time', { deviceId: 'pc' }, [], [device(null)], null],
    ['of nobody', { deviceId: 'pc' }, [before], [], false],
    ['of nobody, where devices are not read', { deviceId: 'pc' }, [before], null, null],
    ['not named', {}, [before], [device(day(1))], null],
  ])('on a device %s', (_what, over, history, devices, expected) => {
    expect(withHistory([signIn(over), ...history], devices, day(15))[0]?.knownDevice).toBe(expected);
  });

  it.each<[string, Partial<SignIn>, SignIn[], boolean | null]>([
    ['used before the episode', { ip: '192.0.2.1' }, [before], true],
    ['new in the episode', { ip: '192.0.2.9' }, [before], false],
    ['used before, but by no person', { ip: '192.0.2.1' }, [{ ...before, interactive: false }], null],
    ['used before, but never with success', { ip: '192.0.2.1' }, [{ ...before, errorCode: 50_126 }], null],
    ['new, without any history', { ip: '192.0.2.9' }, [], null],
    ['not named', {}, [before], null],
  ])('from a network %s', (_what, over, history, expected) => {
    expect(withHistory([signIn(over), ...history], [], day(15))[0]?.knownNetwork).toBe(expected);
  });

  it('is not judged without an episode', () => {
    expect(withHistory([signIn({ deviceId: 'old' }), before], [], null)[0]?.knownDevice).toBeNull();
  });
});

describe('the preflight', () => {
  const sample = evidence();
  if (sample.user.state !== 'known' || sample.registration.state !== 'known' || sample.risk.state !== 'known')
    throw new Error('the sample is known');
  const target: Target = {
    user: sample.user.value,
    roles: { active: [], eligible: [], roleAssignableGroup: false },
    registration: sample.registration.value,
    risk: sample.risk.value,
  };
  const rights: OwnRights = {
    steps: ['revokeSessions', 'forcePasswordChange', 'dismissRisk', 'enableAccount'],
    directoryRole: 'userAdministrator',
  };
  const held = (templateId: string) => ({ templateId, name: { untrusted: 'x' }, builtIn: true });
  const globalAdministrator = held('62e90394-69f5-4237-9190-012177145e10');
  const { user, registration, risk } = target;
  const yes: Capability = { can: 'yes', obstacles: [] };
  const no = (...obstacles: Obstacle[]): Capability => ({ can: 'no', obstacles });
  const maybe = (...obstacles: Obstacle[]): Capability => ({ can: 'unknown', obstacles });

  it.each<[string, Partial<Target>, Partial<OwnRights>, StepKind, Capability]>([
    ['an ordinary member', {}, {}, 'forcePasswordChange', yes],
    ['an ordinary member', {}, {}, 'dismissRisk', yes],
    ['a right that we lack', {}, { steps: ['revokeSessions'] }, 'dismissRisk', no('notGranted')],
    ['rights that nobody told us', {}, { steps: null }, 'revokeSessions', maybe('notGranted')],
    ['no directory role', {}, { directoryRole: 'none' }, 'forcePasswordChange', no('notGranted')],
    ['an unknown directory role', {}, { directoryRole: null }, 'forcePasswordChange', maybe('notGranted')],
    ['a guest', { user: { ...user, userType: 'guest' } }, {}, 'dismissRisk', no('guest')],
    ['perhaps a guest', { user: { ...user, userType: 'unknown' } }, {}, 'revokeSessions', maybe('guest')],
    ['a synced account', { user: { ...user, synced: true } }, {}, 'forcePasswordChange', no('synced')],
    ['a synced account', { user: { ...user, synced: true } }, {}, 'enableAccount', no('synced')],
    ['a synced account', { user: { ...user, synced: true } }, {}, 'revokeSessions', yes],
    ['a federated one', { user: { ...user, federated: true } }, {}, 'forcePasswordChange', no('federated')],
    [
      'perhaps federated',
      { user: { ...user, federated: null } },
      {},
      'forcePasswordChange',
      maybe('federated'),
    ],
    [
      'a restricted unit',
      { user: { ...user, managementRestricted: true } },
      {},
      'enableAccount',
      no('managementRestricted'),
    ],
    ['a null flag', { user: { ...user, managementRestricted: null } }, {}, 'enableAccount', yes],
    [
      'an administrator',
      { roles: { active: [globalAdministrator], eligible: [], roleAssignableGroup: false } },
      {},
      'forcePasswordChange',
      no('privilegedTarget'),
    ],
    [
      'an administrator',
      { roles: { active: [globalAdministrator], eligible: [], roleAssignableGroup: false } },
      {},
      'revokeSessions',
      yes,
    ],
    [
      'an administrator, for a stronger principal',
      { roles: { active: [globalAdministrator], eligible: [], roleAssignableGroup: false } },
      { directoryRole: 'privilegedAuthenticationAdministrator' },
      'forcePasswordChange',
      yes,
    ],
    [
      'a Reports Reader',
      {
        roles: {
          active: [held('4a5d8f65-41da-4de4-8968-e035b65339cf')],
          eligible: [],
          roleAssignableGroup: false,
        },
      },
      {},
      'forcePasswordChange',
      yes,
    ],
    [
      'a member of a role-assignable group',
      { roles: { active: [], eligible: [], roleAssignableGroup: true } },
      {},
      'enableAccount',
      no('privilegedTarget'),
    ],
    ['unread roles', { roles: null }, {}, 'enableAccount', maybe('privilegedTarget')],
    [
      'no self-service reset',
      { registration: { ...registration!, selfServiceResetCapable: false } },
      {},
      'forcePasswordChange',
      no('noSelfServiceReset'),
    ],
    [
      'passkeys only',
      { registration: { ...registration!, methods: ['windowsHelloForBusiness'] } },
      {},
      'forcePasswordChange',
      no('passwordless'),
    ],
    [
      'an unread registration',
      { registration: null },
      {},
      'forcePasswordChange',
      maybe('passwordless', 'noSelfServiceReset'),
    ],
    ['a deleted account', { risk: { ...risk!, deleted: true } }, {}, 'dismissRisk', no('deleted')],
    ['unread risk', { risk: null }, {}, 'dismissRisk', maybe('deleted')],
  ])('for %s', (_what, over, given, step, expected) => {
    const capabilities = capabilitiesFrom({ ...target, ...over }, { ...rights, ...given });
    expect(capabilities[step]).toEqual(expected);
    expect(capabilitiesSchema.parse(capabilities)).toEqual(capabilities);
  });
});
