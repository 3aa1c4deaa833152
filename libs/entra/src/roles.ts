import { evidenceMaxRows, objectIdSchema, untrusted, type Roles } from '@sallyport/evidence';
import { z } from 'zod';
import { builtInRoles } from './role-table';
import { Unknowable } from './unknowable';

type Role = Roles['active'][number];

/** A group that roles may hang on. Null names mean that our app may not look inside the object. */
const groupRowSchema = z.object({
  '@odata.type': z.string().nullish(),
  id: objectIdSchema,
  displayName: z.string().nullish(),
  isAssignableToRole: z.boolean().nullable().optional(),
});

/** Ids of groups: all, and those among them that roles can be assigned to. */
export interface Groups {
  all: string[];
  roleAssignable: string[];
}

/**
 * The groups among `transitiveMemberOf` rows.
 *
 * @throws Unknowable `hidden` where Graph lists a group without showing it to us, or something without saying what it
 * is: it could be role-assignable.
 */
export function groupsFrom(rows: readonly unknown[]): Groups {
  const objects = z.array(groupRowSchema).parse(rows);
  if (objects.some((row) => !row['@odata.type'])) {
    throw new Unknowable('hidden', 'something that this user belongs to does not say what it is');
  }
  const groups = objects.filter((row) => row['@odata.type'] === '#microsoft.graph.group');
  if (groups.some((group) => group.displayName == null || group.isAssignableToRole === undefined)) {
    throw new Unknowable('hidden', 'a group of this user is not visible to the reader');
  }
  const idsOf = (some: typeof groups) => [...new Set(some.map(({ id }) => id))];
  return {
    all: idsOf(groups),
    roleAssignable: idsOf(groups.filter(({ isAssignableToRole }) => isAssignableToRole)),
  };
}

const directoryRoleRowSchema = z.object({
  '@odata.type': z.string().nullish(),
  roleTemplateId: objectIdSchema.nullish(),
});

/** The roles among `transitiveMemberOf` rows. @throws Unknowable `hidden` where a role is listed without its template id. */
export function directoryRolesFrom(rows: readonly unknown[]): Role[] {
  return z
    .array(directoryRoleRowSchema)
    .parse(rows)
    .filter((row) => row['@odata.type'] === '#microsoft.graph.directoryRole')
    .map(({ roleTemplateId }) => {
      // `id` of a directoryRole differs per tenant; only the template id says which role it is.
      if (!roleTemplateId) throw new Unknowable('hidden', 'a role of this user is not visible to the reader');
      return roleOf(roleTemplateId, null);
    });
}

const assignmentRowSchema = z.object({
  roleDefinitionId: objectIdSchema,
  roleDefinition: z.object({ displayName: z.string().nullish() }).nullish(),
});

/** Rows of roleAssignments or roleEligibilityScheduleInstances; a built-in definition's id is its template id. */
export function assignedRolesFrom(rows: readonly unknown[]): Role[] {
  return z
    .array(assignmentRowSchema)
    .parse(rows)
    .map((row) => roleOf(row.roleDefinitionId, row.roleDefinition?.displayName ?? null));
}

/** One row per role, in an order that does not depend on Graph's. */
export function distinctRoles(roles: readonly Role[]): Role[] {
  const byId = new Map(roles.map((role) => [role.templateId, role]));
  return [...byId.values()].sort((a, b) => (a.templateId < b.templateId ? -1 : 1)).slice(0, evidenceMaxRows);
}

function roleOf(templateId: string, displayName: string | null): Role {
  const builtInName = builtInRoles.get(templateId);
  return {
    templateId,
    name: untrusted(builtInName ?? displayName ?? templateId),
    builtIn: builtInName !== undefined,
  };
}
