import { type TenantGroup, type TenantRole, type TenantUser } from '@sallyport/scenario';
import { type View } from '../state';

/** The groups that these groups are members of, themselves included. Membership may be circular. */
export function transitiveGroups(view: View, groupIds: readonly string[]): TenantGroup[] {
  const found = new Map<string, TenantGroup>();
  const queue = [...groupIds];
  for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
    const group = view.groups.get(id);
    if (group === undefined || found.has(id)) continue;
    found.set(id, group);
    queue.push(...group.groupIds);
  }
  return [...found.values()];
}

export const groupsOf = (view: View, user: TenantUser): TenantGroup[] =>
  transitiveGroups(view, user.groupIds);

/** Active roles, direct and through role-assignable groups, in every scope. */
export function activeRoles(view: View, user: TenantUser): TenantRole[] {
  return [...user.roles, ...groupsOf(view, user).flatMap((group) => group.roles)];
}

/** People who are in the group, nested groups flattened. */
export function membersOf(view: View, groupId: string): TenantUser[] {
  return [...view.users.values()].filter(
    (user) => !user.deleted && groupsOf(view, user).some(({ id }) => id === groupId),
  );
}

/** Roles whose holders a User Administrator may act on. https://learn.microsoft.com/entra/identity/role-based-access-control/privileged-roles-permissions */
const withinUserAdministrator: readonly string[] = [
  'Directory Readers',
  'Guest Inviter',
  'Message Center Reader',
  'Password Administrator',
  'Reports Reader',
  'Usage Summary Reports Reader',
  'Groups Administrator',
  'Helpdesk Administrator',
  'User Administrator',
];

/**
 * What it takes to change a sensitive property of this person: nothing beyond the permission for ordinary users,
 * or one of the two strongest roles on the service principal.
 */
export function isProtected(view: View, user: TenantUser): boolean {
  return (
    user.isManagementRestricted ||
    activeRoles(view, user).some(({ displayName }) => !withinUserAdministrator.includes(displayName)) ||
    groupsOf(view, user).some((group) => group.isAssignableToRole) ||
    [...view.groups.values()].some((group) => group.isAssignableToRole && group.ownerIds.includes(user.id))
  );
}

export const strongestRoles: readonly string[] = [
  'Global Administrator',
  'Privileged Authentication Administrator',
];
