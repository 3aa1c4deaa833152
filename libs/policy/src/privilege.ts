import { type Roles } from '@sallyport/evidence';

/**
 * Built-in roles that give no power over other accounts, policy or data. Everything else counts as privileged: roles
 * that Microsoft adds tomorrow, custom roles, and roles that we never heard of. Microsoft's own PRIVILEGED label is not
 * used because v1.0 of Graph does not return it and it leaves out roles that matter here (Exchange, Groups).
 * Source: https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference (2026-01-20)
 */
export const harmlessRoleTemplateIds: ReadonlySet<string> = new Set([
  '88d8e3e3-8f55-4a1e-953a-9b9898b8876b', // Directory Readers
  '95e79109-95c0-4d8e-aee3-d01accf2d47b', // Guest Inviter
  '790c1fb9-7f7d-4f88-86a1-ef1f95c05c1b', // Message Center Reader
  '4a5d8f65-41da-4de4-8968-e035b65339cf', // Reports Reader
  '75934031-6c7e-415a-99d7-48dbd49e875e', // Usage Summary Reports Reader
]);

/** Eligible counts like active: whoever holds the account can activate it. */
export function isPrivileged(roles: Roles): boolean {
  return (
    roles.roleAssignableGroup ||
    [...roles.active, ...roles.eligible].some(
      ({ builtIn, templateId }) => !builtIn || !harmlessRoleTemplateIds.has(templateId.toLowerCase()),
    )
  );
}
