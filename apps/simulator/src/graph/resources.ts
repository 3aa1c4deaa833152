import {
  type AuthenticationMethod,
  type Device,
  type DirectoryAudit,
  type DirectoryRole,
  type Group,
  type PrivilegedAccessGroupEligibilityScheduleInstance,
  type RiskDetail,
  type RiskDetection,
  type RiskyUser,
  type RiskyUserHistoryItem,
  type SignIn,
  type UnifiedRoleAssignment,
  type UnifiedRoleDefinition,
  type UnifiedRoleEligibilityScheduleInstance,
  type User,
  type UserRegistrationDetails,
} from '@microsoft/microsoft-graph-types';
import {
  directoryRoleTemplateIds,
  stableGuid,
  type TenantAudit,
  type TenantAuthenticationMethod,
  type TenantDetection,
  type TenantDevice,
  type TenantGroup,
  type TenantRisk,
  type TenantRiskHistory,
  type TenantRole,
  type TenantSignIn,
  type TenantUser,
} from '@sallyport/scenario';

/*
 * Rows of the tenant as Graph resources. The return types are Microsoft's own, so that a wrong shape does not compile;
 * this file is long because it is one flat list of them.
 */

/** Members of a mixed collection say what they are. */
type Typed<T> = T & { '@odata.type': string };
/** `microsoftRevokedSessions` is in the schema of 2026-08 and not yet in the published types. */
type WithNewRiskDetails<T> = Omit<T, 'riskDetail'> & { riskDetail: RiskDetail | 'microsoftRevokedSessions' };

/** Graph sends up to seven fractional digits; a parser that expects three must fail here, not in production. */
export const graphTime = (iso: string): string =>
  iso.replace(/(?:\.(\d+))?Z$/, (_, digits = '') => `.${String(digits).padEnd(7, '0')}Z`);

/** What a user read without `$select` contains. https://learn.microsoft.com/graph/api/user-get */
export const defaultUserProperties = [
  'businessPhones',
  'displayName',
  'givenName',
  'id',
  'jobTitle',
  'mail',
  'mobilePhone',
  'officeLocation',
  'preferredLanguage',
  'surname',
  'userPrincipalName',
] as const satisfies readonly (keyof User)[];

/** All fifteen are there, empty ones as null. */
const extensionAttributes = Array.from({ length: 15 }, (_, at) => `extensionAttribute${at + 1}`);

export function userResource(user: TenantUser): User {
  const guest = user.userType === 'Guest';
  return {
    businessPhones: [],
    displayName: user.displayName,
    givenName: user.displayName.split(' ')[0] ?? null,
    id: user.id,
    jobTitle: user.jobTitle,
    mail: user.mail,
    mobilePhone: null,
    officeLocation: null,
    preferredLanguage: null,
    surname: user.displayName.split(' ').slice(1).join(' ') || null,
    userPrincipalName: user.userPrincipalName,
    accountEnabled: user.accountEnabled,
    createdDateTime: graphTime(user.createdDateTime),
    creationType: guest ? 'Invitation' : null,
    department: user.department,
    employeeType: null,
    externalUserState: guest ? 'Accepted' : null,
    isManagementRestricted: user.isManagementRestricted,
    isResourceAccount: user.isResourceAccount,
    lastPasswordChangeDateTime: graphTime(user.lastPasswordChangeDateTime),
    onPremisesExtensionAttributes: Object.fromEntries(
      extensionAttributes.map((name) => [name, user.onPremisesExtensionAttributes[name] ?? null]),
    ),
    onPremisesDomainName: user.onPremisesSyncEnabled ? 'corp.fabrikam.example' : null,
    onPremisesLastSyncDateTime: user.onPremisesSyncEnabled ? graphTime(user.createdDateTime) : null,
    onPremisesSamAccountName: user.onPremisesSyncEnabled
      ? (user.userPrincipalName.split('@')[0] ?? null)
      : null,
    onPremisesSyncEnabled: user.onPremisesSyncEnabled,
    passwordPolicies: user.passwordPolicies,
    signInSessionsValidFromDateTime: graphTime(user.signInSessionsValidFromDateTime),
    usageLocation: null,
    userType: user.userType,
  };
}

export function riskyUserResource(user: TenantUser, risk: TenantRisk): WithNewRiskDetails<RiskyUser> {
  return {
    id: user.id,
    isDeleted: risk.isDeleted,
    isProcessing: risk.isProcessing,
    riskLevel: risk.level,
    riskState: risk.state,
    riskDetail: risk.detail,
    riskLastUpdatedDateTime: graphTime(risk.lastUpdatedDateTime),
    userDisplayName: user.displayName,
    userPrincipalName: user.userPrincipalName,
  };
}

export function riskHistoryResource(
  item: TenantRiskHistory,
  user: TenantUser,
): Omit<WithNewRiskDetails<RiskyUserHistoryItem>, 'activity'> & {
  activity: { riskEventTypes: string[]; detail: TenantRisk['detail'] };
} {
  return {
    id: item.id,
    isDeleted: user.risk?.isDeleted ?? user.deleted,
    isProcessing: false,
    riskLevel: item.level,
    riskState: item.state,
    riskDetail: item.detail,
    riskLastUpdatedDateTime: graphTime(item.lastUpdatedDateTime),
    userDisplayName: user.displayName,
    userPrincipalName: user.userPrincipalName,
    userId: item.userId,
    initiatedBy: item.initiatedBy,
    activity: { riskEventTypes: item.riskEventTypes, detail: item.detail },
  };
}

export function riskDetectionResource(
  row: TenantDetection,
  user: TenantUser | undefined,
): Omit<WithNewRiskDetails<RiskDetection>, 'activity'> & { activity: TenantDetection['activity'] } {
  return {
    id: row.id,
    requestId: row.requestId,
    correlationId: row.correlationId,
    riskEventType: row.riskEventType,
    riskState: row.state,
    riskLevel: row.level,
    riskDetail: row.detail,
    source: row.source,
    detectionTimingType: row.timing,
    activity: row.activity,
    tokenIssuerType: 'AzureAD',
    ipAddress: row.ipAddress,
    location: locationResource(row.location),
    activityDateTime: graphTime(row.activityDateTime),
    detectedDateTime: graphTime(row.detectedDateTime),
    lastUpdatedDateTime: graphTime(row.lastUpdatedDateTime),
    userId: row.userId,
    userDisplayName: user?.displayName ?? null,
    userPrincipalName: user?.userPrincipalName ?? null,
    additionalInfo: JSON.stringify(row.additionalInfo),
  };
}

/** `withPolicies`: the caller may read Conditional Access; otherwise Graph hides the policies behind an empty list. */
export function signInResource(
  row: TenantSignIn,
  user: TenantUser | undefined,
  tenantId: string,
  withPolicies: boolean,
): WithNewRiskDetails<SignIn> &
  Record<'riskEventTypes_v2' | 'userAgent' | 'homeTenantId' | 'resourceTenantId', unknown> {
  const failed = row.errorCode !== 0;
  return {
    id: row.id,
    createdDateTime: graphTime(row.createdDateTime),
    userId: row.userId,
    userDisplayName: user?.displayName ?? '',
    // The log stores it in lower case, whatever the directory says.
    userPrincipalName: (user?.userPrincipalName ?? '').toLowerCase(),
    appId: row.appId,
    appDisplayName: row.app,
    ipAddress: row.ip,
    clientAppUsed: row.clientApp,
    userAgent: row.userAgent,
    correlationId: row.correlationId,
    conditionalAccessStatus: row.conditionalAccess,
    isInteractive: row.isInteractive,
    riskDetail: row.riskDetail,
    riskLevelAggregated: row.riskLevel,
    riskLevelDuringSignIn: row.riskLevel,
    riskState: row.riskState,
    riskEventTypes_v2: row.riskEventTypes,
    resourceDisplayName: row.app,
    homeTenantId: tenantId,
    resourceTenantId: tenantId,
    status: {
      errorCode: row.errorCode,
      failureReason: row.failureReason,
      additionalDetails: row.mfa ? 'MFA completed in Azure AD' : null,
    },
    deviceDetail: { ...row.device },
    location: locationResource(row.location),
    appliedConditionalAccessPolicies:
      withPolicies && row.conditionalAccess !== 'notApplied'
        ? [
            {
              id: stableGuid('policy', 'require-mfa'),
              displayName: 'Require MFA',
              enforcedGrantControls: ['Mfa'],
              enforcedSessionControls: [],
              result: failed || !row.mfa ? 'failure' : 'success',
            },
          ]
        : [],
  };
}

export function directoryAuditResource(row: TenantAudit): DirectoryAudit {
  return {
    id: row.id,
    category: row.category,
    correlationId: row.correlationId,
    result: row.result,
    resultReason: row.resultReason,
    activityDisplayName: row.activityDisplayName,
    activityDateTime: graphTime(row.activityDateTime),
    loggedByService: row.loggedByService,
    operationType: row.operationType,
    initiatedBy:
      'user' in row.initiatedBy
        ? { app: null, user: row.initiatedBy.user }
        : { user: null, app: { ...row.initiatedBy.app, servicePrincipalName: null } },
    targetResources: row.targets.map((target, at) => ({
      id: target.id,
      displayName: target.displayName,
      type: target.type,
      userPrincipalName: target.userPrincipalName ?? null,
      groupType: null,
      modifiedProperties:
        at === 0
          ? row.modified.map(({ name, old, new: changed }) => ({
              displayName: name,
              // JSON inside a string, as the log has it.
              oldValue: JSON.stringify(Array.isArray(old) ? old : [old]),
              newValue: JSON.stringify(Array.isArray(changed) ? changed : [changed]),
            }))
          : [],
    })),
    additionalDetails: Object.entries(row.details).map(([key, value]) => ({ key, value })),
  };
}

export function groupResource(group: TenantGroup): Typed<Group> {
  return {
    '@odata.type': '#microsoft.graph.group',
    id: group.id,
    displayName: group.displayName,
    securityEnabled: true,
    mailEnabled: false,
    groupTypes: [],
    isAssignableToRole: group.isAssignableToRole ? true : null,
  };
}

/** What a group read without `$select` contains, as far as this tenant knows of it. */
export const defaultGroupProperties = [
  'id',
  'displayName',
  'securityEnabled',
  'mailEnabled',
  'groupTypes',
  'isAssignableToRole',
] as const satisfies readonly (keyof Group)[];

/** A group by itself. It is in no restricted management administrative unit: this tenant has none. */
export function groupEntity(group: TenantGroup): Group {
  const { '@odata.type': _type, ...properties } = groupResource(group);
  return { ...properties, isManagementRestricted: null };
}

export function directoryRoleResource(role: TenantRole): Typed<DirectoryRole> {
  return {
    '@odata.type': '#microsoft.graph.directoryRole',
    // Per tenant; only the template id means the same everywhere.
    id: stableGuid('directoryRole', role.templateId),
    displayName: role.displayName,
    description: null,
    roleTemplateId: role.templateId,
  };
}

export function deviceResource(device: TenantDevice): Typed<Device> {
  return { '@odata.type': '#microsoft.graph.device', ...stripTimes(device) };
}

function stripTimes(device: TenantDevice): Device {
  return {
    ...device,
    registrationDateTime: graphTime(device.registrationDateTime),
    approximateLastSignInDateTime: graphTime(device.approximateLastSignInDateTime),
  };
}

export function authenticationMethodResource(
  method: TenantAuthenticationMethod,
): Typed<AuthenticationMethod> & {
  createdDateTime: string | null;
} {
  return {
    '@odata.type': `#microsoft.graph.${method.type}AuthenticationMethod`,
    id: method.id,
    createdDateTime: method.createdDateTime && graphTime(method.createdDateTime),
  };
}

export function registrationResource(user: TenantUser): UserRegistrationDetails | null {
  if (user.registration === null) return null;
  const { lastUpdatedDateTime, ...registration } = user.registration;
  return {
    id: user.id,
    ...registration,
    isAdmin: user.roles.length > 0,
    isSystemPreferredAuthenticationMethodEnabled: true,
    systemPreferredAuthenticationMethods: ['PhoneAppNotification'],
    userPreferredMethodForSecondaryAuthentication: 'push',
    userDisplayName: user.displayName,
    userPrincipalName: user.userPrincipalName,
    userType: user.userType === 'Guest' ? 'guest' : 'member',
    lastUpdatedDateTime: graphTime(lastUpdatedDateTime),
  };
}

export function roleDefinitionResource(role: TenantRole): UnifiedRoleDefinition {
  return {
    id: role.templateId,
    displayName: role.displayName,
    description: null,
    isBuiltIn: Object.values(directoryRoleTemplateIds).includes(role.templateId),
    isEnabled: true,
    templateId: role.templateId,
    version: null,
  };
}

export function roleAssignmentResource(principalId: string, role: TenantRole): UnifiedRoleAssignment {
  return {
    id: stableGuid('roleAssignment', `${principalId}:${role.templateId}:${role.directoryScopeId}`),
    principalId,
    roleDefinitionId: role.templateId,
    directoryScopeId: role.directoryScopeId,
  };
}

export function roleEligibilityResource(
  principalId: string,
  role: TenantRole,
): UnifiedRoleEligibilityScheduleInstance {
  const id = stableGuid('roleEligibility', `${principalId}:${role.templateId}:${role.directoryScopeId}`);
  return {
    id,
    principalId,
    roleDefinitionId: role.templateId,
    directoryScopeId: role.directoryScopeId,
    memberType: 'Direct',
    roleEligibilityScheduleId: id,
    startDateTime: null,
    endDateTime: null,
  };
}

export function groupEligibilityResource(
  principalId: string,
  groupId: string,
  accessId: 'member' | 'owner',
): PrivilegedAccessGroupEligibilityScheduleInstance {
  const id = `${groupId}_${accessId}_${stableGuid('groupEligibility', `${principalId}:${groupId}`)}`;
  return {
    id,
    principalId,
    groupId,
    accessId,
    memberType: 'direct',
    eligibilityScheduleId: id,
    startDateTime: null,
    endDateTime: null,
  };
}

function locationResource(location: TenantDetection['location']) {
  return {
    city: location.city ?? null,
    state: location.state ?? null,
    countryOrRegion: location.countryOrRegion ?? null,
    geoCoordinates: { altitude: null, latitude: null, longitude: null },
  };
}
