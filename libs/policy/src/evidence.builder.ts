import {
  type Detection,
  type Device,
  type Evidence,
  type EvidencePart,
  type Reading,
  type RiskHistoryItem,
  type SignIn,
  untrusted,
} from '@sallyport/evidence';

/* The shortest valid case, for the specs beside this file: an employee at medium risk with nothing that speaks for them. */

export const now = '2026-11-20T12:00:00.000Z';
/** The instant `hours` before {@link now}; negative for later. */
export const hoursAgo = (hours: number) => new Date(Date.parse(now) - hours * 3_600_000).toISOString();

export const subjectId = '3f1b6a52-7c0d-4e7e-9a0f-2b1f0d5c9e11';
export const managerId = '77777777-7c0d-4e7e-9a0f-2b1f0d5c9e11';
export const deskId = '88888888-7c0d-4e7e-9a0f-2b1f0d5c9e11';
const source = { call: 'GET /x', requestId: 'r-1', clientRequestId: 'c-1', readAt: hoursAgo(0) };

export const known = <T>(value: T): Reading<T> => ({ state: 'known', value, source });
export const unread = (reason: 'unavailable' | 'notFound' | 'forbidden' = 'unavailable') => ({
  state: 'unknown' as const,
  reason,
  detail: '',
  source,
});

export const detection = (changes: Partial<Detection> = {}): Detection => ({
  id: 'd-1',
  kind: 'unfamiliarFeatures',
  markers: [],
  level: 'medium',
  state: 'atRisk',
  activityAt: hoursAgo(3),
  detectedAt: hoursAgo(3),
  requestId: null,
  correlationId: null,
  ip: '203.0.113.44',
  country: 'HU',
  ...changes,
});

export const historyItem = (changes: Partial<RiskHistoryItem> = {}): RiskHistoryItem => ({
  at: hoursAgo(3),
  level: 'medium',
  state: 'atRisk',
  detail: 'none',
  kinds: ['unfamiliarFeatures'],
  by: null,
  ...changes,
});

export const signIn = (changes: Partial<SignIn> = {}): SignIn => ({
  id: 's-1',
  at: hoursAgo(2),
  interactive: true,
  errorCode: 0,
  conditionalAccess: 'success',
  mfa: 'passed',
  ip: '203.0.113.44',
  country: 'HU',
  deviceId: 'laptop',
  knownDevice: null,
  knownNetwork: null,
  deviceName: untrusted('laptop'),
  app: untrusted('Office'),
  userAgent: untrusted('Mozilla/5.0'),
  correlationId: null,
  ...changes,
});

export const device = (changes: Partial<Device> = {}): Device => ({
  id: '11111111-7c0d-4e7e-9a0f-2b1f0d5c9e11',
  deviceId: 'laptop',
  name: untrusted('laptop'),
  operatingSystem: 'Windows',
  trustType: 'AzureAd',
  compliant: true,
  managed: true,
  registeredAt: hoursAgo(5_000),
  ...changes,
});

type Change = Extract<Evidence['changes'], { state: 'known' }>['value'][number];
export const change = (changes: Partial<Change> = {}): Change => ({
  id: 'c-1',
  at: hoursAgo(1),
  kind: 'other',
  activity: untrusted('x'),
  mayBe: [],
  succeeded: true,
  by: 'subject',
  correlationId: null,
  ...changes,
});

const ticket = {
  sysId: 'a'.repeat(32),
  number: 'INC0010001',
  state: '2',
  active: true,
  category: 'security',
  contactType: 'phone',
  modCount: 1,
  subjectId,
  callerId: deskId,
  openedById: null,
  verifiedChannel: true,
  journal: [],
  shortDescription: untrusted('risky user'),
  description: untrusted('please release'),
};
const user = {
  id: subjectId,
  userPrincipalName: untrusted('ines.varga@fabrikam.example'),
  displayName: untrusted('Ines Varga'),
  accountEnabled: true,
  userType: 'member' as const,
  synced: false,
  federated: false,
  managementRestricted: null,
  resourceAccount: null,
  sessionsValidFrom: null,
  lastPasswordChangeAt: null,
  createdAt: null,
};
const risk = {
  level: 'medium' as const,
  state: 'atRisk' as const,
  detail: 'none',
  lastUpdatedAt: hoursAgo(3),
  processing: false,
  deleted: false,
};
const standing = { breakGlass: false, serviceAccount: false, vip: false };
const roles = { active: [], eligible: [], roleAssignableGroup: false };
const registration = {
  mfaRegistered: true,
  selfServiceResetCapable: true,
  passwordlessCapable: false,
  methods: ['microsoftAuthenticatorPush'],
};
const manager = { id: managerId, displayName: untrusted('M. Anager'), accountEnabled: true };

const able = { can: 'yes' as const, obstacles: [] };
const capabilities = {
  revokeSessions: able,
  forcePasswordChange: able,
  dismissRisk: able,
  enableAccount: able,
};

type Value<P extends EvidencePart> = Extract<Evidence[P], { state: 'known' }>['value'];

export const withTicket = (changes: Partial<Value<'ticket'>>) => ({
  ticket: known({ ...ticket, ...changes }),
});
export const withUser = (changes: Partial<Value<'user'>>) => ({ user: known({ ...user, ...changes }) });
export const withRisk = (changes: Partial<Value<'risk'>>) => ({ risk: known({ ...risk, ...changes }) });
export const withStanding = (changes: Partial<Value<'standing'>>) => ({
  standing: known({ ...standing, ...changes }),
});
export const withRoles = (changes: Partial<Value<'roles'>>) => ({ roles: known({ ...roles, ...changes }) });
export const withRegistration = (changes: Partial<Value<'registration'>>) => ({
  registration: known({ ...registration, ...changes }),
});
export const withManager = (changes: Partial<NonNullable<Value<'manager'>>> | null) => ({
  manager: known(changes && { ...manager, ...changes }),
});
export const withCapabilities = (changes: Partial<Value<'capabilities'>>) => ({
  capabilities: known({ ...capabilities, ...changes }),
});
export const withCampaign = (users: number) => ({
  campaign: known({ kinds: users > 0 ? [{ kind: 'unfamiliarFeatures', users }] : [] }),
});
/** Logs that could be complete up to `hours` before {@link now}. */
export const withLogs = (hours: number) => ({ logs: known({ completeUntil: hoursAgo(hours) }) });
export const detections = (...rows: Detection[]) => ({ detections: known(rows) });
export const history = (...rows: RiskHistoryItem[]) => ({ history: known(rows) });
export const signIns = (...rows: SignIn[]) => ({ signIns: known(rows) });
export const devices = (...rows: Device[]) => ({ devices: known(rows) });
export const changes = (...rows: Change[]) => ({ changes: known(rows) });

export const evidence = (...parts: Partial<Evidence>[]): Evidence => ({
  v: 1,
  collectedAt: hoursAgo(0),
  ...withTicket({}),
  ...withUser({}),
  ...withStanding({}),
  ...withRoles({}),
  ...withRisk({}),
  ...detections(detection()),
  episode: known(null),
  ...withCampaign(1),
  ...history(),
  ...withLogs(0.5),
  ...signIns(),
  ...changes(),
  ...devices(device()),
  ...withRegistration({}),
  ...withManager({}),
  ...withCapabilities({}),
  ...Object.assign({}, ...parts),
});
