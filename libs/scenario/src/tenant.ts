import { createHash } from 'node:crypto';
import { z } from 'zod';

/**
 * What a scenario's `given` may say about the tenant, and the rows it becomes.
 * Kept in one file because the two halves are read side by side: each schema stands above the row it resolves to.
 *
 * Keys (`ines`) are how people in a scenario name each other; ids follow from keys by a hash, so that the
 * runner knows every id before the simulator has seen the tenant. Times are ISO 8601 or relative to the start
 * of the scenario: `-2h`, `-35m`, `+10s`, `-180d`, `now`.
 */

const guidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const relativePattern = /^([+-]\d{1,6})(s|m|h|d)$/;
const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The GUID that a key of this kind always has. Deterministic, version-4 shaped. */
export function stableGuid(kind: string, key: string): string {
  const hex = createHash('sha256').update(`${kind}:${key}`).digest('hex');
  const variant = ((parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}

/** The ServiceNow `sys_id` (32 hex digits) that a key of this kind always has. */
export function stableSysId(kind: string, key: string): string {
  return createHash('sha256').update(`${kind}:${key}`).digest('hex').slice(0, 32);
}

/** The Teams id (`29:…`) under which the simulated bot knows this user. */
export function teamsUserId(userId: string): string {
  return `29:${createHash('sha256').update(`mri:${userId}`).digest('base64url')}`;
}

/** The conversation id of the simulated channel with this key. */
export function teamsChannelId(key: string): string {
  return `19:${stableSysId('channel', key)}@thread.tacv2`;
}

/** Roles a scenario may name in words. Names and template ids: Entra built-in roles reference, 2026-01-20. */
export const directoryRoleTemplateIds: Readonly<Record<string, string>> = {
  'Global Administrator': '62e90394-69f5-4237-9190-012177145e10',
  'Privileged Role Administrator': 'e8611ab8-c189-46e8-94e1-60213ab1f814',
  'Privileged Authentication Administrator': '7be44c8a-adaf-4e2a-84d6-ab2649e08a13',
  'Authentication Administrator': 'c4e39bd9-1100-46d3-8c65-fb160da0071f',
  'Application Administrator': '9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3',
  'Cloud Application Administrator': '158c047a-c907-4556-b7ef-446551a6b5f7',
  'Conditional Access Administrator': 'b1be1c3e-b65d-4f19-8427-f6fa0d97feb9',
  'Exchange Administrator': '29232cdf-9323-42fd-ade2-1d097af3e4de',
  'SharePoint Administrator': 'f28a1f50-f6e7-4571-818b-6a12f2af6b6c',
  'Teams Administrator': '69091246-20e8-4a56-aa4d-066075b2a7a8',
  'Groups Administrator': 'fdd7a751-b60b-444a-984c-02652fe8fa1c',
  'Helpdesk Administrator': '729827e3-9c14-49f7-bb1b-9608f156bbb8',
  'Hybrid Identity Administrator': '8ac3fc64-6eca-42ea-9e69-59f4c7b60eb2',
  'Intune Administrator': '3a2c62db-5318-420d-8d74-23affee5d9d5',
  'Password Administrator': '966707d0-3269-4727-9be2-8c3a10f19b9d',
  'Security Administrator': '194ae4cb-b126-40b2-bd5b-6091b380977d',
  'Security Operator': '5f2222b1-57c3-48ba-8ad5-d4759f1fde6f',
  'Security Reader': '5d6b6bb7-de71-4623-b4af-96380a352509',
  'Global Reader': 'f2ef992c-3afb-46b9-b7cf-a126ee74c451',
  'User Administrator': 'fe930be7-5e62-47db-91af-98c3a49a38b1',
  'Agent ID Administrator': 'db506228-d27e-4b7d-95e5-295956d6615f',
  'Application Developer': 'cf1c38e5-3621-4004-a7cb-879624dced7c',
  'Attribute Provisioning Administrator': 'ecb2c6bf-0ab6-418e-bd87-7986f8d63bbe',
  'Attribute Provisioning Reader': '422218e4-db15-4ef9-bbe0-8afb41546d79',
  'Authentication Extensibility Administrator': '25a516ed-2fa0-40ea-a2d0-12923a21473a',
  'B2C IEF Keyset Administrator': 'aaf43236-0c0d-4d5f-883a-6955382ac081',
  'Cloud Device Administrator': '7698a772-787b-4ac8-901f-60d6b08affd2',
  'Directory Writers': '9360feb5-f418-4baa-8175-e2a00bac4301',
  'Domain Name Administrator': '8329153b-31d0-4727-b945-745eb3bc5f31',
  'External Identity Provider Administrator': 'be2f45a1-457d-42af-a067-6ec1fa63bc45',
  'Lifecycle Workflows Administrator': '59d46f88-662b-457b-bceb-5c3809e5908f',
  'Partner Tier1 Support': '4ba39ca4-527c-499a-b93d-d9b492c50246',
  'Partner Tier2 Support': 'e00e864a-17c5-4a4b-9c06-f5b95a8d5bd8',
  'Directory Readers': '88d8e3e3-8f55-4a1e-953a-9b9898b8876b',
  'Guest Inviter': '95e79109-95c0-4d8e-aee3-d01accf2d47b',
  'Message Center Reader': '790c1fb9-7f7d-4f88-86a1-ef1f95c05c1b',
  'Reports Reader': '4a5d8f65-41da-4de4-8968-e035b65339cf',
  'Usage Summary Reports Reader': '75934031-6c7e-415a-99d7-48dbd49e875e',
};

const keySchema = z.string().min(1).max(120);
const timeSchema = z
  .string()
  .refine(
    (text) => text === 'now' || relativePattern.test(text) || !Number.isNaN(Date.parse(text)),
    'expected an ISO 8601 time, "now", or a time relative to the start such as -2h, -35m, +10s, -90d',
  );
const freeText = z.string().max(20_000);
const guid = z.string().regex(guidPattern);

const riskLevel = z.enum(['low', 'medium', 'high', 'hidden', 'none', 'unknownFutureValue']);
const riskState = z.enum([
  'none',
  'confirmedSafe',
  'remediated',
  'dismissed',
  'atRisk',
  'confirmedCompromised',
  'unknownFutureValue',
]);
/** In declaration order: those after `unknownFutureValue` reach only a client that asks for unknown members. */
export const riskDetails = [
  'none',
  'adminGeneratedTemporaryPassword',
  'userPerformedSecuredPasswordChange',
  'userPerformedSecuredPasswordReset',
  'adminConfirmedSigninSafe',
  'aiConfirmedSigninSafe',
  'userPassedMFADrivenByRiskBasedPolicy',
  'adminDismissedAllRiskForUser',
  'adminConfirmedSigninCompromised',
  'hidden',
  'adminConfirmedUserCompromised',
  'unknownFutureValue',
  'm365DAdminDismissedDetection',
  'adminConfirmedServicePrincipalCompromised',
  'adminDismissedAllRiskForServicePrincipal',
  'userChangedPasswordOnPremises',
  'adminDismissedRiskForSignIn',
  'adminConfirmedAccountSafe',
  'microsoftRevokedSessions',
] as const;
const riskDetail = z.enum(riskDetails);

const roleNameSchema = z
  .string()
  .refine(
    (name) => guidPattern.test(name) || name in directoryRoleTemplateIds,
    'expected a role template id or the display name of a known directory role',
  );
/** A role, or a role that holds only in an administrative unit (`scope: /administrativeUnits/<id>`). */
const roleSchema = z.union([roleNameSchema, z.strictObject({ role: roleNameSchema, scope: z.string() })]);
export interface TenantRole {
  templateId: string;
  displayName: string;
  directoryScopeId: string;
}

const locationSchema = z.strictObject({
  city: freeText.optional(),
  state: freeText.optional(),
  countryOrRegion: freeText.optional(),
});

const riskHistorySchema = z.strictObject({
  at: timeSchema,
  level: riskLevel.default('none'),
  state: riskState,
  detail: riskDetail.default('none'),
  initiatedBy: keySchema.optional(),
  riskEventTypes: z.array(z.string()).default([]),
});
const riskSchema = z.strictObject({
  level: riskLevel.default('high'),
  state: riskState.default('atRisk'),
  detail: riskDetail.default('none'),
  lastUpdated: timeSchema.default('-30m'),
  isProcessing: z.boolean().default(false),
  isDeleted: z.boolean().optional(),
  history: z.array(riskHistorySchema).default([]),
});
export interface TenantRisk {
  level: z.infer<typeof riskLevel>;
  state: z.infer<typeof riskState>;
  detail: z.infer<typeof riskDetail>;
  lastUpdatedDateTime: string;
  isProcessing: boolean;
  isDeleted: boolean;
}
export interface TenantRiskHistory extends Omit<TenantRisk, 'isProcessing' | 'isDeleted'> {
  id: string;
  userId: string;
  initiatedBy: string | null;
  riskEventTypes: string[];
}

const detectionSchema = z.strictObject({
  id: z.string().optional(),
  type: z.string().default('unfamiliarFeatures'),
  level: riskLevel.default('medium'),
  state: riskState.default('atRisk'),
  detail: riskDetail.default('none'),
  timing: z
    .enum(['notDefined', 'realtime', 'nearRealtime', 'offline', 'unknownFutureValue'])
    .default('realtime'),
  activity: z.enum(['signin', 'user', 'unknownFutureValue', 'servicePrincipal']).default('signin'),
  source: z.string().default('IdentityProtection'),
  at: timeSchema.default('-35m'),
  /** When Identity Protection shows it; before that no list contains it. Default: `at`. */
  detectedAt: timeSchema.optional(),
  lastUpdated: timeSchema.optional(),
  ip: z.string().default('203.0.113.44'),
  location: locationSchema.optional(),
  userAgent: freeText.optional(),
  requestId: z.string().optional(),
  correlationId: z.string().optional(),
  additionalInfo: z.record(z.string(), z.union([z.string(), z.array(z.string())])).default({}),
});
export interface TenantDetection {
  id: string;
  userId: string;
  riskEventType: string;
  level: TenantRisk['level'];
  state: TenantRisk['state'];
  detail: TenantRisk['detail'];
  timing: z.infer<typeof detectionSchema>['timing'];
  activity: z.infer<typeof detectionSchema>['activity'];
  source: string;
  activityDateTime: string;
  detectedDateTime: string;
  lastUpdatedDateTime: string;
  ipAddress: string;
  location: z.infer<typeof locationSchema>;
  requestId: string | null;
  correlationId: string | null;
  additionalInfo: { Key: string; Value: string | string[] }[];
}

const signInDeviceSchema = z.strictObject({
  /** Key of one of the user's devices; without it the sign-in came from an unregistered one. */
  key: keySchema.optional(),
  deviceId: z.string().default(''),
  displayName: freeText.default(''),
  operatingSystem: z.string().default('Windows 11'),
  browser: z.string().default('Edge 131.0'),
  isCompliant: z.boolean().default(false),
  isManaged: z.boolean().default(false),
  trustType: z.string().default(''),
});
const signInSchema = z.strictObject({
  id: z.string().optional(),
  at: timeSchema.default('-35m'),
  app: z.string().default('Office 365 Exchange Online'),
  appId: z.string().default('00000002-0000-0ff1-ce00-000000000000'),
  ip: z.string().default('203.0.113.44'),
  location: locationSchema.optional(),
  clientApp: z.string().default('Browser'),
  userAgent: freeText.default('Mozilla/5.0'),
  device: signInDeviceSchema.optional(),
  errorCode: z.number().int().default(0),
  failureReason: z.string().default('Other.'),
  /** Whether MFA was done in this sign-in. v1.0 shows it only in `status` and the Conditional Access results. */
  mfa: z.boolean().default(false),
  conditionalAccess: z.enum(['success', 'failure', 'notApplied', 'unknownFutureValue']).optional(),
  isInteractive: z.boolean().default(true),
  riskLevel: riskLevel.default('none'),
  riskState: riskState.default('none'),
  riskDetail: riskDetail.default('none'),
  riskEventTypes: z.array(z.string()).default([]),
  correlationId: z.string().optional(),
});
type GivenSignIn = z.infer<typeof signInSchema>;
export interface TenantSignIn extends Omit<
  GivenSignIn,
  'at' | 'id' | 'location' | 'device' | 'conditionalAccess' | 'correlationId'
> {
  id: string;
  userId: string;
  createdDateTime: string;
  location: z.infer<typeof locationSchema>;
  device: z.infer<typeof signInDeviceSchema>;
  conditionalAccess: NonNullable<GivenSignIn['conditionalAccess']>;
  correlationId: string;
}

/** A list is sent as it is, anything else as a list of one: JSON inside a string, as the log has it. */
const modifiedValue = z.union([z.string(), z.array(z.string())]);
const auditSchema = z.strictObject({
  id: z.string().optional(),
  at: timeSchema.default('-20m'),
  activity: z.string(),
  category: z.string().default('UserManagement'),
  service: z.string().default('Core Directory'),
  operationType: z.string().default('Update'),
  result: z.enum(['success', 'failure', 'timeout', 'unknownFutureValue']).default('success'),
  resultReason: freeText.default(''),
  /** `self`, the key of another user, or an application. */
  by: z.union([keySchema, z.strictObject({ app: z.string(), appId: z.string().optional() })]).default('self'),
  ip: z.string().optional(),
  /** Names of further target resources, such as the device that was registered. */
  targets: z.array(freeText).default([]),
  modified: z
    .array(z.strictObject({ name: z.string(), old: modifiedValue.default(''), new: modifiedValue }))
    .default([]),
  correlationId: z.string().optional(),
  details: z.record(z.string(), freeText).default({}),
});
export interface TenantAudit {
  id: string;
  activityDateTime: string;
  activityDisplayName: string;
  category: string;
  loggedByService: string;
  operationType: string;
  result: z.infer<typeof auditSchema>['result'];
  resultReason: string;
  correlationId: string;
  initiatedBy:
    | { user: { id: string; userPrincipalName: string; displayName: string; ipAddress: string } }
    | { app: { appId: string; servicePrincipalId: string; displayName: string } };
  targets: { id: string; type: string; displayName: string; userPrincipalName?: string }[];
  modified: z.infer<typeof auditSchema>['modified'];
  details: Record<string, string>;
}

const deviceSchema = z.strictObject({
  key: keySchema.optional(),
  displayName: freeText.default('LAPTOP-01'),
  operatingSystem: z.string().default('Windows'),
  trustType: z.enum(['AzureAd', 'ServerAd', 'Workplace']).default('AzureAd'),
  isCompliant: z.boolean().default(true),
  isManaged: z.boolean().default(true),
  accountEnabled: z.boolean().default(true),
  registered: timeSchema.default('-200d'),
  lastSignIn: timeSchema.default('-1d'),
});
export interface TenantDevice extends Omit<
  z.infer<typeof deviceSchema>,
  'key' | 'registered' | 'lastSignIn'
> {
  id: string;
  deviceId: string;
  registrationDateTime: string;
  approximateLastSignInDateTime: string;
}

const methodTypes = [
  'password',
  'phone',
  'email',
  'fido2',
  'windowsHelloForBusiness',
  'microsoftAuthenticator',
  'softwareOath',
  'temporaryAccessPass',
] as const;
const methodSchema = z.strictObject({
  type: z.enum(methodTypes),
  created: timeSchema.nullable().default('-200d'),
});
export interface TenantAuthenticationMethod {
  id: string;
  type: (typeof methodTypes)[number];
  createdDateTime: string | null;
}

const registrationSchema = z.strictObject({
  isMfaCapable: z.boolean().default(true),
  isMfaRegistered: z.boolean().default(true),
  isPasswordlessCapable: z.boolean().default(false),
  isSsprCapable: z.boolean().default(true),
  isSsprEnabled: z.boolean().default(true),
  isSsprRegistered: z.boolean().default(true),
  methodsRegistered: z.array(z.string()).default(['mobilePhone', 'microsoftAuthenticatorPush']),
  lastUpdated: timeSchema.default('-3h'),
});
export interface TenantRegistration extends Omit<z.infer<typeof registrationSchema>, 'lastUpdated'> {
  lastUpdatedDateTime: string;
}

const userSchema = z.strictObject({
  key: keySchema,
  id: guid.optional(),
  displayName: freeText.optional(),
  userPrincipalName: z.string().optional(),
  mail: z.string().nullable().optional(),
  jobTitle: freeText.nullable().default(null),
  department: freeText.nullable().default(null),
  accountEnabled: z.boolean().default(true),
  userType: z.enum(['Member', 'Guest']).nullable().default('Member'),
  onPremisesSyncEnabled: z.boolean().nullable().default(null),
  passwordPolicies: z.string().nullable().default(null),
  isManagementRestricted: z.boolean().default(false),
  isResourceAccount: z.boolean().default(false),
  onPremisesExtensionAttributes: z
    .record(z.string().regex(/^extensionAttribute([1-9]|1[0-5])$/), z.string().max(1_024))
    .default({}),
  createdDateTime: timeSchema.default('-400d'),
  signInSessionsValidFromDateTime: timeSchema.default('-90d'),
  lastPasswordChangeDateTime: timeSchema.default('-90d'),
  manager: keySchema.optional(),
  roles: z.array(roleSchema).default([]),
  eligibleRoles: z.array(roleSchema).default([]),
  eligibleGroups: z.array(keySchema).default([]),
  eligibleOwnerOf: z.array(keySchema).default([]),
  groups: z.array(keySchema).default([]),
  /** `null`: the report has no row for this user (guests, new users). */
  registration: registrationSchema.nullable().optional(),
  methods: z.array(methodSchema).default([{ type: 'password', created: '-400d' }]),
  devices: z.array(deviceSchema).default([]),
  risk: riskSchema.nullable().default(null),
  detections: z.array(detectionSchema).default([]),
  signIns: z.array(signInSchema).default([]),
  audits: z.array(auditSchema).default([]),
  /** Gone from the directory (404), though Identity Protection may still list the person. */
  deleted: z.boolean().default(false),
  /** Whether ServiceNow has a `sys_user` row for this person. */
  inServiceNow: z.boolean().default(true),
  consoleRoles: z.array(z.enum(['Sallyport.Viewer', 'Sallyport.Operator'])).default([]),
});
export interface TenantUser {
  key: string;
  id: string;
  /** Of the ServiceNow `sys_user` row. */
  sysId: string;
  displayName: string;
  userPrincipalName: string;
  mail: string | null;
  jobTitle: string | null;
  department: string | null;
  accountEnabled: boolean;
  userType: 'Member' | 'Guest' | null;
  onPremisesSyncEnabled: boolean | null;
  passwordPolicies: string | null;
  isManagementRestricted: boolean;
  isResourceAccount: boolean;
  onPremisesExtensionAttributes: Record<string, string>;
  createdDateTime: string;
  signInSessionsValidFromDateTime: string;
  lastPasswordChangeDateTime: string;
  forceChangePasswordNextSignIn: boolean;
  managerId: string | null;
  roles: TenantRole[];
  eligibleRoles: TenantRole[];
  eligibleGroupIds: string[];
  eligibleOwnedGroupIds: string[];
  groupIds: string[];
  registration: TenantRegistration | null;
  methods: TenantAuthenticationMethod[];
  devices: TenantDevice[];
  risk: TenantRisk | null;
  deleted: boolean;
  inServiceNow: boolean;
  consoleRoles: ('Sallyport.Viewer' | 'Sallyport.Operator')[];
}

const groupSchema = z.strictObject({
  key: keySchema,
  id: guid.optional(),
  displayName: freeText.optional(),
  isAssignableToRole: z.boolean().default(false),
  owners: z.array(keySchema).default([]),
  /** Groups that this group is itself a member of. */
  groups: z.array(keySchema).default([]),
  eligibleGroups: z.array(keySchema).default([]),
  roles: z.array(roleSchema).default([]),
});
export interface TenantGroup {
  key: string;
  id: string;
  displayName: string;
  isAssignableToRole: boolean;
  ownerIds: string[];
  groupIds: string[];
  eligibleGroupIds: string[];
  roles: TenantRole[];
}

/** ServiceNow gives and takes strings only; a scenario may write `state: 2`. */
const fieldValue = z.union([z.string(), z.number().int().transform(String)]);
const incidentSchema = z.strictObject({
  key: keySchema,
  number: z
    .string()
    .regex(/^INC\d{7}$/)
    .optional(),
  subject: keySchema.optional(),
  /** By default the service desk, for whoever called there. */
  caller: keySchema.default('dana'),
  openedBy: keySchema.optional(),
  short_description: freeText.default('Risky user reported by Identity Protection'),
  description: freeText.default(''),
  state: fieldValue.default('1'),
  category: z.string().default('security'),
  subcategory: z.string().default(''),
  contact_type: z.string().default('monitoring'),
  impact: fieldValue.default('2'),
  urgency: fieldValue.default('2'),
  correlation_id: z.string().default(''),
  correlation_display: z.string().default(''),
  assignment_group: z.string().default(''),
  opened_at: timeSchema.default('-10m'),
  work_notes: z.array(freeText).default([]),
  comments: z.array(freeText).default([]),
});
export interface TenantIncident {
  key: string;
  sysId: string;
  number: string;
  /** `sys_id`s of `sys_user` rows, or empty: the person is unknown to ServiceNow. */
  subjectSysId: string;
  callerSysId: string;
  openedBySysId: string;
  openedAt: string;
  fields: Record<
    | 'short_description'
    | 'description'
    | 'state'
    | 'category'
    | 'subcategory'
    | 'contact_type'
    | 'impact'
    | 'urgency'
    | 'correlation_id'
    | 'correlation_display',
    string
  >;
  assignmentGroup: string;
  workNotes: string[];
  comments: string[];
}

const channelSchema = z.strictObject({ key: keySchema, id: z.string().optional() });
const modelSchema = z.strictObject({
  mode: z.enum(['honest', 'off', 'slow', 'garbage', 'hostile']).default('honest'),
  /** Only prompts that contain this text; without it, every prompt from now on. */
  match: z.string().min(1).optional(),
});
export type TenantModel = z.infer<typeof modelSchema>;

export const tenantSchema = z.strictObject({
  users: z.array(userSchema).max(2_000).default([]),
  groups: z.array(groupSchema).max(500).default([]),
  incidents: z.array(incidentSchema).max(2_000).default([]),
  teams: z.strictObject({ channels: z.array(channelSchema).default([]) }).default({ channels: [] }),
  model: modelSchema.optional(),
});
/** As written in a scenario, before defaults. */
export type TenantGiven = z.input<typeof tenantSchema>;

export interface Tenant {
  users: TenantUser[];
  groups: TenantGroup[];
  detections: TenantDetection[];
  riskHistory: TenantRiskHistory[];
  signIns: TenantSignIn[];
  audits: TenantAudit[];
  incidents: TenantIncident[];
  channels: { key: string; id: string }[];
  model: TenantModel | null;
}

/**
 * Resolves keys to ids and relative times to absolute ones. Pure: the same words at the same `now` are the same tenant.
 * A key that this `given` does not define is taken to name a row of an earlier tenant. Throws `ZodError` on bad input.
 */
export function buildTenant(given: unknown, now: Date): Tenant {
  const tenant = tenantSchema.parse(given);
  const time = (text: string) => resolveTime(text, now);
  const ids = new Map<string, string>();
  for (const { key, id } of tenant.users) ids.set(`user:${key}`, id ?? stableGuid('user', key));
  for (const { key, id } of tenant.groups) ids.set(`group:${key}`, id ?? stableGuid('group', key));
  const idOf = (kind: 'user' | 'group', key: string) =>
    ids.get(`${kind}:${key}`) ?? (guidPattern.test(key) ? key.toLowerCase() : stableGuid(kind, key));
  const people = new Map(tenant.users.map((user) => [user.key, personOf(user, idOf('user', user.key))]));
  const person = (key: string) =>
    people.get(key) ?? { id: idOf('user', key), userPrincipalName: key, displayName: key };

  return {
    users: tenant.users.map((user) => ({
      ...person(user.key),
      key: user.key,
      sysId: stableSysId('sys_user', user.key),
      mail: user.mail === undefined ? person(user.key).userPrincipalName : user.mail,
      jobTitle: user.jobTitle,
      department: user.department,
      accountEnabled: user.accountEnabled,
      userType: user.userType,
      onPremisesSyncEnabled: user.onPremisesSyncEnabled,
      passwordPolicies: user.passwordPolicies,
      isManagementRestricted: user.isManagementRestricted,
      isResourceAccount: user.isResourceAccount,
      onPremisesExtensionAttributes: user.onPremisesExtensionAttributes,
      createdDateTime: time(user.createdDateTime),
      signInSessionsValidFromDateTime: time(user.signInSessionsValidFromDateTime),
      lastPasswordChangeDateTime: time(user.lastPasswordChangeDateTime),
      forceChangePasswordNextSignIn: false,
      managerId: user.manager === undefined ? null : idOf('user', user.manager),
      roles: user.roles.map(resolveRole),
      eligibleRoles: user.eligibleRoles.map(resolveRole),
      eligibleGroupIds: user.eligibleGroups.map((key) => idOf('group', key)),
      eligibleOwnedGroupIds: user.eligibleOwnerOf.map((key) => idOf('group', key)),
      groupIds: user.groups.map((key) => idOf('group', key)),
      registration: resolveRegistration(user, time),
      methods: user.methods.map(({ type, created }, at) => ({
        // The one password method of every account has a well-known id.
        id:
          type === 'password'
            ? '28c10230-6103-485e-b985-444c60001490'
            : stableGuid('method', `${user.key}:${at}`),
        type,
        createdDateTime: created === null ? null : time(created),
      })),
      devices: user.devices.map(({ key, registered, lastSignIn, ...device }, at) => ({
        ...device,
        id: stableGuid('device', key ?? `${user.key}:${at}`),
        deviceId: stableGuid('deviceId', key ?? `${user.key}:${at}`),
        registrationDateTime: time(registered),
        approximateLastSignInDateTime: time(lastSignIn),
      })),
      risk: user.risk && {
        level: user.risk.level,
        state: user.risk.state,
        detail: user.risk.detail,
        lastUpdatedDateTime: time(user.risk.lastUpdated),
        isProcessing: user.risk.isProcessing,
        isDeleted: user.risk.isDeleted ?? user.deleted,
      },
      deleted: user.deleted,
      inServiceNow: user.inServiceNow,
      consoleRoles: user.consoleRoles,
    })),
    groups: tenant.groups.map((group) => ({
      key: group.key,
      id: idOf('group', group.key),
      displayName: group.displayName ?? group.key,
      isAssignableToRole: group.isAssignableToRole,
      ownerIds: group.owners.map((key) => idOf('user', key)),
      groupIds: group.groups.map((key) => idOf('group', key)),
      eligibleGroupIds: group.eligibleGroups.map((key) => idOf('group', key)),
      roles: group.roles.map(resolveRole),
    })),
    detections: tenant.users.flatMap((user) =>
      user.detections.map((detection, at) => ({
        id: detection.id ?? stableSysId('detection', `${user.key}:${at}`),
        userId: idOf('user', user.key),
        riskEventType: detection.type,
        level: detection.level,
        state: detection.state,
        detail: detection.detail,
        timing: detection.timing,
        activity: detection.activity,
        source: detection.source,
        activityDateTime: time(detection.at),
        detectedDateTime: time(detection.detectedAt ?? detection.at),
        lastUpdatedDateTime: time(detection.lastUpdated ?? detection.detectedAt ?? detection.at),
        ipAddress: detection.ip,
        location: detection.location ?? {},
        requestId: detection.requestId ?? null,
        correlationId: detection.correlationId ?? null,
        additionalInfo: [
          ...(detection.userAgent === undefined ? [] : [{ Key: 'userAgent', Value: detection.userAgent }]),
          ...Object.entries(detection.additionalInfo).map(([Key, Value]) => ({ Key, Value })),
        ],
      })),
    ),
    riskHistory: tenant.users.flatMap((user) =>
      (user.risk?.history ?? []).map((item, at) => ({
        id: stableSysId('riskHistory', `${user.key}:${at}`),
        userId: idOf('user', user.key),
        level: item.level,
        state: item.state,
        detail: item.detail,
        lastUpdatedDateTime: time(item.at),
        initiatedBy: item.initiatedBy === undefined ? null : idOf('user', item.initiatedBy),
        riskEventTypes: item.riskEventTypes,
      })),
    ),
    signIns: tenant.users.flatMap((user) =>
      user.signIns.map(({ at: createdAt, ...signIn }, at) => ({
        ...signIn,
        id: signIn.id ?? stableGuid('signIn', `${user.key}:${at}`),
        userId: idOf('user', user.key),
        createdDateTime: time(createdAt),
        location: signIn.location ?? {},
        device: resolveSignInDevice(signIn.device ?? signInDeviceSchema.parse({})),
        conditionalAccess: signIn.conditionalAccess ?? (signIn.mfa ? 'success' : 'notApplied'),
        correlationId: signIn.correlationId ?? stableGuid('correlation', `${user.key}:signIn:${at}`),
      })),
    ),
    audits: tenant.users.flatMap((user) =>
      user.audits.map((audit, at) => ({
        id: audit.id ?? `Directory_${stableGuid('audit', `${user.key}:${at}`)}`,
        activityDateTime: time(audit.at),
        activityDisplayName: audit.activity,
        category: audit.category,
        loggedByService: audit.service,
        operationType: audit.operationType,
        result: audit.result,
        resultReason: audit.resultReason,
        correlationId: audit.correlationId ?? stableGuid('correlation', `${user.key}:audit:${at}`),
        initiatedBy:
          typeof audit.by === 'string'
            ? { user: { ...person(audit.by === 'self' ? user.key : audit.by), ipAddress: audit.ip ?? '' } }
            : {
                app: {
                  appId: audit.by.appId ?? stableGuid('app', audit.by.app),
                  servicePrincipalId: stableGuid('servicePrincipal', audit.by.appId ?? audit.by.app),
                  displayName: audit.by.app,
                },
              },
        targets: [
          { ...person(user.key), type: 'User' },
          ...audit.targets.map((name) => ({
            id: stableGuid('target', `${user.key}:${name}`),
            type: 'Other',
            displayName: name,
          })),
        ],
        modified: audit.modified,
        details: audit.details,
      })),
    ),
    incidents: tenant.incidents.map((incident) => {
      const sysUser = (key: string | undefined) => {
        if (key === undefined) return '';
        const given = tenant.users.find((user) => user.key === key);
        return given?.inServiceNow === false ? '' : stableSysId('sys_user', key);
      };
      return {
        key: incident.key,
        sysId: stableSysId('incident', incident.key),
        number: incident.number ?? incidentNumber(incident.key),
        subjectSysId: sysUser(incident.subject),
        callerSysId: sysUser(incident.caller),
        openedBySysId: sysUser(incident.openedBy),
        openedAt: time(incident.opened_at),
        fields: {
          short_description: incident.short_description,
          description: incident.description,
          state: incident.state,
          category: incident.category,
          subcategory: incident.subcategory,
          contact_type: incident.contact_type,
          impact: incident.impact,
          urgency: incident.urgency,
          correlation_id: incident.correlation_id,
          correlation_display: incident.correlation_display,
        },
        assignmentGroup: incident.assignment_group,
        workNotes: incident.work_notes,
        comments: incident.comments,
      };
    }),
    channels: tenant.teams.channels.map(({ key, id }) => ({ key, id: id ?? teamsChannelId(key) })),
    model: tenant.model ?? null,
  };
}

function resolveSignInDevice({
  key,
  ...device
}: z.output<typeof signInDeviceSchema>): TenantSignIn['device'] {
  return key === undefined ? device : { ...device, deviceId: stableGuid('deviceId', key) };
}

/** The number an incident with this key gets when the scenario does not say one. */
export function incidentNumber(key: string): string {
  return `INC${String(parseInt(stableSysId('number', key).slice(0, 10), 16) % 10_000_000).padStart(7, '0')}`;
}

/** `-2h`, `+10s`, `now` or an ISO time, as an ISO time in UTC with milliseconds. */
export function resolveTime(text: string, now: Date): string {
  if (text === 'now') return now.toISOString();
  const [, amount, unit] = relativePattern.exec(text) ?? [];
  if (amount === undefined) return new Date(text).toISOString();
  return new Date(now.getTime() + Number(amount) * unitMs[unit as keyof typeof unitMs]).toISOString();
}

function resolveRole(given: z.infer<typeof roleSchema>): TenantRole {
  const { role, scope } = typeof given === 'string' ? { role: given, scope: '/' } : given;
  const templateId = directoryRoleTemplateIds[role];
  if (templateId !== undefined) return { templateId, displayName: role, directoryScopeId: scope };
  const named = Object.entries(directoryRoleTemplateIds).find(([, id]) => id === role.toLowerCase());
  return {
    templateId: role.toLowerCase(),
    displayName: named?.[0] ?? 'Custom role',
    directoryScopeId: scope,
  };
}

function personOf(user: z.infer<typeof userSchema>, id: string) {
  // Keys may carry the runner's prefix and any character; a user principal name may not.
  const mailbox = user.key.toLowerCase().replace(/[^a-z0-9.-]+/g, '-');
  return {
    id,
    displayName: user.displayName ?? user.key,
    userPrincipalName: user.userPrincipalName ?? `${mailbox}@fabrikam.example`,
  };
}

function resolveRegistration(
  user: z.infer<typeof userSchema>,
  time: (text: string) => string,
): TenantRegistration | null {
  if (user.registration === null) return null;
  const { lastUpdated, ...registration } = user.registration ?? registrationSchema.parse({});
  return { ...registration, lastUpdatedDateTime: time(lastUpdated) };
}
