import { z } from 'zod';

/**
 * `viewer` sees cases and queues; `operator` may also retry, promote and clean jobs. Neither may vote by it: who may
 * decide a case is asked of the directory at the click.
 */
export const roleSchema = z.enum(['viewer', 'operator']);
export type Role = z.infer<typeof roleSchema>;

export const roleWords: Readonly<Record<Role, string>> = { viewer: 'Viewer', operator: 'Operator' };

/** Values of the app roles, as they stand in the app registration and in the `roles` claim of its ID tokens. */
export const appRoles: Readonly<Record<Role, string>> = {
  viewer: 'Sallyport.Viewer',
  operator: 'Sallyport.Operator',
};

/** Longer names are cut: the whole session must fit into one cookie of 4 KB. */
const maxNameLength = 128;

export const personSchema = z.strictObject({
  /** Entra's object id where there is one, else the provider's `sub`. What logs name; names stay out of them. */
  id: z.string().min(1).max(255),
  /** Entra's object id, by which the directory is asked for rights; null where the provider is not Entra. */
  directoryId: z.guid().nullable(),
  name: z.string().min(1).max(maxNameLength),
  role: roleSchema,
});
export type Person = z.infer<typeof personSchema>;

const claimsSchema = z.object({
  sub: z.string().min(1).max(255),
  oid: z.guid().optional(),
  name: z.string().optional(),
  preferred_username: z.string().optional(),
  roles: z.array(z.string()).default([]),
});

/** Who a verified ID token speaks of. Null where it gives them no role here, or has claims of an unknown shape. */
export function personFrom(claims: unknown): Person | null {
  const parsed = claimsSchema.safeParse(claims);
  if (!parsed.success) return null;
  const { sub, oid, name, preferred_username: userName, roles } = parsed.data;
  const role = roleFrom(roles);
  if (role === null) return null;
  const id = oid ?? sub;
  return {
    id,
    directoryId: oid?.toLowerCase() ?? null,
    name: (name || userName || id).slice(0, maxNameLength),
    role,
  };
}

function roleFrom(roles: readonly string[]): Role | null {
  if (roles.includes(appRoles.operator)) return 'operator';
  if (roles.includes(appRoles.viewer)) return 'viewer';
  return null;
}
