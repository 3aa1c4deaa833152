import { z } from 'zod';
import type { stepKinds } from './decision';
import { readingOf } from './reading';
import { instantSchema, objectIdSchema, sysIdSchema, untrustedSchema } from './scalar';

/** The most rows of one kind that a case keeps; the reader keeps the newest and says so in the row count. */
export const evidenceMaxRows = 200;
const rows = <T extends z.ZodType>(row: T) => z.array(row).max(evidenceMaxRows);

/** Journal rows kept of a ticket, newest first: what people said last, not its whole history. */
export const journalMaxRows = 20;

/** One entry of a ticket's journal. Anybody who may open the ticket can write one. */
export const journalEntrySchema = z.strictObject({
  at: instantSchema,
  /** `comments` are also seen by the caller, who may be the attacker. */
  kind: z.enum(['work_notes', 'comments']),
  /** `user_name` of the writer as ServiceNow recorded it. */
  author: untrustedSchema,
  text: untrustedSchema,
});
export type JournalEntry = z.infer<typeof journalEntrySchema>;

export const ticketSchema = z.strictObject({
  sysId: sysIdSchema,
  number: z.string(),
  /** Numeric state as ServiceNow sends it, e.g. `2`. */
  state: z.string(),
  active: z.boolean(),
  category: z.string(),
  contactType: z.string(),
  modCount: z.int(),
  /** The risky user, through the configured immutable field; null where the ticket names nobody. */
  subjectId: objectIdSchema.nullable(),
  /** The caller's directory object id where ServiceNow knows it. A caller is what somebody typed, not proof. */
  callerId: objectIdSchema.nullable(),
  /** Who recorded the ticket, for example a service desk agent for a caller on the phone. */
  openedById: objectIdSchema.nullable(),
  /** Caller or opener is somebody whose object id is not known: not nobody. Absent: not told. */
  unknownRequester: z.boolean().optional(),
  /** Came in on a channel that the configuration trusts to know who asks; null where the ticket names no channel. */
  verifiedChannel: z.boolean().nullable(),
  /** Newest first. null: the instance did not show it to us, or did not answer in time. */
  journal: z.array(journalEntrySchema).max(journalMaxRows).nullable(),
  shortDescription: untrustedSchema,
  description: untrustedSchema,
});
export type Ticket = z.infer<typeof ticketSchema>;

export const userSchema = z.strictObject({
  id: objectIdSchema,
  userPrincipalName: untrustedSchema,
  displayName: untrustedSchema,
  accountEnabled: z.boolean().nullable(),
  /** `unknown` where the directory leaves it null or sends a value we do not know. */
  userType: z.enum(['member', 'guest', 'unknown']),
  /** From an Active Directory; null: not told. */
  synced: z.boolean().nullable(),
  /** Signs in at another identity provider, told by the configured domains; null where none are configured. */
  federated: z.boolean().nullable(),
  /** In a restricted-management administrative unit: our service principal may not act. */
  managementRestricted: z.boolean().nullable(),
  resourceAccount: z.boolean().nullable(),
  /** Names such as `DisablePasswordExpiration`, as sent; empty where the tenant's policy holds. Absent: not told. */
  passwordPolicies: z.array(z.string()).max(10).optional(),
  sessionsValidFrom: instantSchema.nullable(),
  lastPasswordChangeAt: instantSchema.nullable(),
  createdAt: instantSchema.nullable(),
});
export type User = z.infer<typeof userSchema>;

export const roleSchema = z.strictObject({
  /** Template id of a built-in role, or the definition id of a custom one. */
  templateId: z.string(),
  name: untrustedSchema,
  /** False for custom roles, which count as privileged until classified. */
  builtIn: z.boolean(),
});
export const rolesSchema = z.strictObject({
  active: rows(roleSchema),
  eligible: rows(roleSchema),
  /**
   * Member or owner of a group that roles can be assigned to; or eligible to become member or owner of a group under
   * PIM, in person or through a group: privileged in effect.
   */
  roleAssignableGroup: z.boolean(),
});
export type Roles = z.infer<typeof rolesSchema>;

/** Which of the configured lists the user is on. */
export const standingSchema = z.strictObject({
  breakGlass: z.boolean(),
  serviceAccount: z.boolean(),
  vip: z.boolean(),
});
export type Standing = z.infer<typeof standingSchema>;

/** Known values of Graph's evolvable enums; anything else is stored as `unknown`. Source: Graph v1.0 schema. */
export const riskLevels = ['none', 'low', 'medium', 'high', 'hidden', 'unknown'] as const;
export const riskStates = [
  'none',
  'confirmedSafe',
  'remediated',
  'dismissed',
  'atRisk',
  'confirmedCompromised',
  'unknown',
] as const;
export type RiskLevel = (typeof riskLevels)[number];
export type RiskState = (typeof riskStates)[number];

export const riskSchema = z.strictObject({
  level: z.enum(riskLevels),
  state: z.enum(riskStates),
  /** riskDetail as sent; an open list. */
  detail: z.string(),
  lastUpdatedAt: instantSchema.nullable(),
  /** The back end is still computing: nothing may be decided on this reading. */
  processing: z.boolean(),
  deleted: z.boolean(),
});
export type Risk = z.infer<typeof riskSchema>;

/** Kinds of detection after which a new password alone is no cure, or the attacker is of a special kind. */
export const detectionMarkers = ['tokenTheft', 'nationState'] as const;
export type DetectionMarker = (typeof detectionMarkers)[number];

/** The most kinds that one entry of the history names; there are some forty. */
export const historyKindsMax = 50;

/** One entry of what Identity Protection has recorded of a user's risk: what it became, when, and for what. */
export const riskHistoryItemSchema = z.strictObject({
  at: instantSchema,
  level: z.enum(riskLevels),
  state: z.enum(riskStates),
  /** riskDetail as sent; an open list. */
  detail: z.string(),
  /** The kinds of detection that it names, as sent. */
  kinds: z.array(z.string()).max(historyKindsMax),
  /** Object id of whoever did it, a person or an application; null: Identity Protection itself. */
  by: z.string().nullable(),
});
export type RiskHistoryItem = z.infer<typeof riskHistoryItemSchema>;

/** When a detection is made: while the person signs in, or hours to days later. Source: Graph v1.0 schema. */
export const detectionTimings = ['realtime', 'nearRealtime', 'offline', 'notDefined', 'unknown'] as const;

export const detectionSchema = z.strictObject({
  id: z.string(),
  /** riskEventType, an open string such as `unlikelyTravel`. */
  kind: z.string(),
  markers: z.array(z.enum(detectionMarkers)).max(detectionMarkers.length),
  level: z.enum(riskLevels),
  state: z.enum(riskStates),
  /** riskDetail as sent, an open list: how it was closed, and by whom. Absent: not told. */
  detail: z.string().optional(),
  /** When it was last changed: for a closed one, when it was closed or later. Absent: not told. */
  updatedAt: instantSchema.nullable().optional(),
  timing: z.enum(detectionTimings).optional(),
  activityAt: instantSchema.nullable(),
  detectedAt: instantSchema,
  requestId: z.string().nullable(),
  correlationId: z.string().nullable(),
  ip: z.string().nullable(),
  country: z.string().nullable(),
});
export type Detection = z.infer<typeof detectionSchema>;

/**
 * The open detections of one wave of risk, and closed ones near the newest of them. null: no detection at all.
 * Its id follows from its detections, so two tickets about the same wave name the same episode.
 */
export const episodeSchema = z
  .strictObject({
    id: z.string(),
    /** The activity or detection that came first. */
    openedAt: instantSchema,
    newestAt: instantSchema,
    detectionIds: rows(z.string()),
  })
  .nullable();
export type RiskEpisode = z.infer<typeof episodeSchema>;

/** How many people had each kind of this episode's detections around the time of its newest one. */
export const campaignSchema = z.strictObject({
  kinds: z.array(z.strictObject({ kind: z.string(), users: z.int().min(1) })).max(evidenceMaxRows),
});
export type Campaign = z.infer<typeof campaignSchema>;

/** Outcomes of conditional access on a sign-in; anything else is `unknown`. Source: Graph v1.0 schema. */
export const conditionalAccessOutcomes = ['success', 'failure', 'notApplied', 'unknown'] as const;

/** Why Entra refused a sign-in, where its error code is one that we know. */
export const signInBlocks = [
  'smartLockout',
  'maliciousAddress',
  'lockedOrMaliciousAddress',
  'accountDisabled',
  'risk',
  'conditionalAccess',
  'deviceOrApp',
] as const;
export type SignInBlock = (typeof signInBlocks)[number];

export const signInSchema = z.strictObject({
  id: z.string(),
  at: instantSchema,
  interactive: z.boolean(),
  /** 0 is success. https://learn.microsoft.com/entra/identity-platform/reference-error-codes */
  errorCode: z.int(),
  /** What `errorCode` means where it is a block; null where it is none or one that is not known. Absent: not told. */
  blocked: z.enum(signInBlocks).nullable().optional(),
  conditionalAccess: z.enum(conditionalAccessOutcomes),
  /** `passed` only where the sign-in says that MFA was done in it; `claimed` where an earlier one was taken over. */
  mfa: z.enum(['passed', 'claimed', 'notPassed', 'unknown']),
  ip: z.string().nullable(),
  country: z.string().nullable(),
  deviceId: z.string().nullable(),
  /** Enrolled, or used by the person with success, before the episode. null: no device is named, or history does not tell. */
  knownDevice: z.boolean().nullable(),
  /** The person used the address with success before the episode. null: no address, or history does not tell. */
  knownNetwork: z.boolean().nullable(),
  deviceName: untrustedSchema.nullable(),
  app: untrustedSchema.nullable(),
  userAgent: untrustedSchema.nullable(),
  correlationId: z.string().nullable(),
});
export type SignIn = z.infer<typeof signInSchema>;

export const changeKinds = [
  'selfServiceReset',
  'securePasswordChange',
  'passwordChange',
  'adminPasswordReset',
  'securityInfoRegistered',
  'securityInfoDeleted',
  'deviceRegistered',
  'consentGranted',
  'roleAssigned',
  'managerChanged',
  'accountDisabled',
  'accountEnabled',
  'sessionsRevoked',
  'riskDismissed',
  'other',
] as const;
export type ChangeKind = (typeof changeKinds)[number];

export const changeSchema = z.strictObject({
  id: z.string(),
  at: instantSchema,
  kind: z.enum(changeKinds),
  /** activityDisplayName as sent; Microsoft gives no contract on these names. */
  activity: untrustedSchema,
  /** `category` and `loggedByService` as sent: where an activity belongs whose name says nothing to us. Absent: not told. */
  category: untrustedSchema.nullable().optional(),
  service: untrustedSchema.nullable().optional(),
  /**
   * What it may be besides: of an activity whose name we do not know, what its category and service can mean; and where
   * Graph does not say whether it succeeded, its kind. Absent: not told, so that `other` may be anything.
   */
  mayBe: z.array(z.enum(changeKinds)).max(changeKinds.length).optional(),
  succeeded: z.boolean(),
  by: z.enum(['subject', 'otherPerson', 'application', 'sallyport', 'unknown']),
  correlationId: z.string().nullable(),
});
export type Change = z.infer<typeof changeSchema>;

export const deviceSchema = z.strictObject({
  id: objectIdSchema,
  /** The id that sign-ins carry (`deviceDetail.deviceId`); not the object id. */
  deviceId: z.string().nullable(),
  name: untrustedSchema,
  operatingSystem: z.string(),
  trustType: z.string(),
  compliant: z.boolean().nullable(),
  managed: z.boolean().nullable(),
  registeredAt: instantSchema.nullable(),
});
export type Device = z.infer<typeof deviceSchema>;

export const registrationSchema = z.strictObject({
  mfaRegistered: z.boolean(),
  selfServiceResetCapable: z.boolean(),
  passwordlessCapable: z.boolean(),
  /** Names such as `microsoftAuthenticatorPush`; no phone numbers or addresses. */
  methods: z.array(z.string()).max(50),
});
export type Registration = z.infer<typeof registrationSchema>;

/** null: the directory names no manager. */
export const managerSchema = z
  .strictObject({
    id: objectIdSchema,
    displayName: untrustedSchema,
    accountEnabled: z.boolean().nullable(),
  })
  .nullable();
export type Manager = z.infer<typeof managerSchema>;

/** How far the sign-in and audit logs could be complete when they were read: rows arrive minutes late. */
export const logsSchema = z.strictObject({
  /** "No event yet" is absence for what is older than this, and unknown for what is newer. */
  completeUntil: instantSchema,
});
export type Logs = z.infer<typeof logsSchema>;

/** What stands between us and a step. `notGranted`: our own service principal lacks the right. */
export const obstacles = [
  'notGranted',
  'privilegedTarget',
  'managementRestricted',
  'guest',
  'synced',
  'federated',
  'passwordless',
  'noSelfServiceReset',
  'deleted',
] as const;
export type Obstacle = (typeof obstacles)[number];

export const capabilitySchema = z.strictObject({
  /** May our own service principal do this to this account? `no` needs a person with more rights. */
  can: z.enum(['yes', 'no', 'unknown']),
  /** What makes it `no`; or, where it is `unknown`, what could not be ruled out. */
  obstacles: z.array(z.enum(obstacles)).max(obstacles.length),
});
export type Capability = z.infer<typeof capabilitySchema>;

/** The preflight: each step, before people are asked to approve it. */
export const capabilitiesSchema = z.strictObject({
  revokeSessions: capabilitySchema,
  forcePasswordChange: capabilitySchema,
  /** Absent: looked at by a version that did not know this step. */
  raiseRisk: capabilitySchema.optional(),
  dismissRisk: capabilitySchema,
  enableAccount: capabilitySchema,
} satisfies Record<(typeof stepKinds)[number], z.ZodType>);
export type Capabilities = z.infer<typeof capabilitiesSchema>;

/** A name and how to reach them, on one line of a card. */
export const ownerMaxLength = 200;

/** Everything an approver and a policy may rely on, and how well each thing is known. */
export const evidenceSchema = z.strictObject({
  v: z.literal(1),
  collectedAt: instantSchema,
  ticket: readingOf(ticketSchema),
  user: readingOf(userSchema),
  standing: readingOf(standingSchema),
  roles: readingOf(rolesSchema),
  risk: readingOf(riskSchema),
  detections: readingOf(rows(detectionSchema)),
  episode: readingOf(episodeSchema),
  campaign: readingOf(campaignSchema),
  /**
   * Of the risk, newest first. null: not asked for, because no release can follow; see `asksHistory`. Absent: read by a
   * version that did not ask.
   */
  history: readingOf(rows(riskHistoryItemSchema).nullable()).optional(),
  signIns: readingOf(rows(signInSchema)),
  changes: readingOf(rows(changeSchema)),
  logs: readingOf(logsSchema),
  devices: readingOf(rows(deviceSchema)),
  registration: readingOf(registrationSchema),
  manager: readingOf(managerSchema),
  capabilities: readingOf(capabilitiesSchema),
  /** Who answers for the account or application, by the configured list of owners. Absent: the list does not say. */
  owner: z.string().min(1).max(ownerMaxLength).optional(),
});
export type Evidence = z.infer<typeof evidenceSchema>;

/** The parts of the bundle, each one reading. */
export type EvidencePart = Exclude<keyof Evidence, 'v' | 'collectedAt' | 'owner'>;
export const evidenceParts = [
  'ticket',
  'user',
  'standing',
  'roles',
  'risk',
  'detections',
  'episode',
  'campaign',
  'history',
  'signIns',
  'changes',
  'logs',
  'devices',
  'registration',
  'manager',
  'capabilities',
] as const satisfies readonly EvidencePart[];
