import { objectIdSchema, untrusted, type User } from '@sallyport/evidence';
import { z } from 'zod';
import { graphFlag, graphInstantOrNull } from './graph-values';

/** Most of these are not in Graph's default set and must be asked for. */
export const userFields = [
  'id',
  'displayName',
  'userPrincipalName',
  'accountEnabled',
  'userType',
  'onPremisesSyncEnabled',
  'isManagementRestricted',
  'isResourceAccount',
  'passwordPolicies',
  'signInSessionsValidFromDateTime',
  'lastPasswordChangeDateTime',
  'createdDateTime',
].join(',');

const userRowSchema = z.object({
  id: objectIdSchema,
  displayName: z.string().nullish(),
  userPrincipalName: z.string(),
  accountEnabled: graphFlag,
  userType: z.string().nullish(),
  onPremisesSyncEnabled: z.boolean().nullable().optional(),
  isManagementRestricted: graphFlag,
  isResourceAccount: graphFlag,
  passwordPolicies: z.string().max(500).nullish(),
  signInSessionsValidFromDateTime: graphInstantOrNull,
  lastPasswordChangeDateTime: graphInstantOrNull,
  createdDateTime: graphInstantOrNull,
});

/**
 * @param federatedDomains domains that sign in at another identity provider, lower case; null where nobody told us
 * @throws ZodError for what is not a user.
 */
export function userFrom(row: unknown, federatedDomains: readonly string[] | null): User {
  const user = userRowSchema.parse(row);
  return {
    id: user.id,
    userPrincipalName: untrusted(user.userPrincipalName),
    displayName: untrusted(user.displayName ?? ''),
    accountEnabled: user.accountEnabled,
    userType: userTypeOf(user.userType, user.userPrincipalName),
    federated: federatedDomains && federatedDomains.includes(domainOf(user.userPrincipalName)),
    // null means never synced, as false does; a property that was asked for and is not in the answer tells nothing.
    synced: user.onPremisesSyncEnabled === undefined ? null : user.onPremisesSyncEnabled === true,
    managementRestricted: user.isManagementRestricted,
    resourceAccount: user.isResourceAccount,
    passwordPolicies: passwordPoliciesOf(user.passwordPolicies ?? ''),
    sessionsValidFrom: user.signInSessionsValidFromDateTime,
    lastPasswordChangeAt: user.lastPasswordChangeDateTime,
    createdAt: user.createdDateTime,
  };
}

/** Graph sends the names in one string; `None`, like null, means that the policy of the tenant holds. */
const passwordPoliciesOf = (text: string): string[] =>
  text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'None')
    .slice(0, 10);

const domainOf = (userPrincipalName: string): string =>
  userPrincipalName.slice(userPrincipalName.lastIndexOf('@') + 1).toLowerCase();

/** `#EXT#` marks an identity of another tenant whatever userType says; old objects leave userType null. */
function userTypeOf(userType: string | null | undefined, userPrincipalName: string): User['userType'] {
  if (userPrincipalName.toUpperCase().includes('#EXT#')) return 'guest';
  const name = userType?.toLowerCase();
  return name === 'member' || name === 'guest' ? name : 'unknown';
}
