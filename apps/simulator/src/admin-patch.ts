import { buildTenant, stableSysId, type TenantRisk } from '@sallyport/scenario';
import { z } from 'zod';
import { changeIncident, fieldsSchema } from './servicenow/incident-writes';
import { type World } from './world';

/** A change that somebody outside makes while a scenario runs. Users are told by id or key, incidents by sys_id or key. */
export const patchSchema = z.union([
  z.strictObject({
    user: z.string(),
    /** As in a tenant's `given`: lists are added to what is there, single values replace. */
    set: z.record(z.string(), z.unknown()),
  }),
  z.strictObject({
    incident: z.string(),
    set: fieldsSchema,
    /** `sys_user.user_name` of the person at the service desk. */
    by: z.string().default('beth.anglin'),
  }),
]);
export type Patch = z.infer<typeof patchSchema>;

/** Throws `RangeError` where there is no such row, `ZodError` where the change is malformed. */
export function applyPatch(patch: Patch, world: World): void {
  if ('user' in patch) patchUser(patch.user, patch.set, world);
  else patchIncident(patch, world);
}

function patchUser(name: string, set: Record<string, unknown>, { state, clock }: World): void {
  const now = clock.now();
  const users = state.users.current;
  const user = users.get(name) ?? [...users.values()].find(({ key }) => key === name);
  if (user === undefined) throw new RangeError(`no user '${name}'`);
  // Rows are named after their place in the list: those added later need a name of their own.
  const key = `${user.key}+${now.getTime()}`;
  const names = { displayName: user.displayName, userPrincipalName: user.userPrincipalName };
  const built = buildTenant({ users: [{ ...names, ...set, key, id: user.id }] }, now);
  const [next] = built.users;
  if (next === undefined) throw new RangeError('nothing to set');
  const replaced = Object.fromEntries(
    Object.entries(next).filter(([field]) => field in set && !['risk', 'key', 'id'].includes(field)),
  );
  const risk: TenantRisk | null =
    'risk' in set ? next.risk && { ...next.risk, ...unsaid(user.risk, set['risk']) } : user.risk;
  state.users.set(
    user.id,
    {
      ...user,
      ...replaced,
      roles: [...user.roles, ...next.roles],
      eligibleRoles: [...user.eligibleRoles, ...next.eligibleRoles],
      eligibleGroupIds: [...user.eligibleGroupIds, ...next.eligibleGroupIds],
      eligibleOwnedGroupIds: [...user.eligibleOwnedGroupIds, ...next.eligibleOwnedGroupIds],
      groupIds: [...user.groupIds, ...next.groupIds],
      devices: [...user.devices, ...next.devices],
      methods: 'methods' in set ? [...user.methods, ...next.methods] : user.methods,
      managerId: 'manager' in set ? next.managerId : user.managerId,
      risk,
    },
    now,
  );
  for (const row of built.detections) state.detections.set(row.id, row, now);
  for (const row of built.riskHistory) state.riskHistory.set(row.id, row, now);
  for (const row of built.signIns) state.signIns.set(row.id, row, now);
  for (const row of built.audits) state.audits.set(row.id, row, now);
}

/** Risk is merged field by field: what the patch does not say stays as it was. */
function unsaid(before: TenantRisk | null, said: unknown): Partial<TenantRisk> {
  if (before === null || typeof said !== 'object' || said === null) return {};
  const { lastUpdatedDateTime, ...rest } = before;
  return {
    ...Object.fromEntries(Object.entries(rest).filter(([field]) => !(field in said))),
    ...('lastUpdated' in said ? {} : { lastUpdatedDateTime }),
  };
}

function patchIncident(
  { incident, set, by }: Extract<Patch, { incident: string }>,
  { state, clock }: World,
): void {
  const before =
    state.incidents.current.get(incident) ?? state.incidents.current.get(stableSysId('incident', incident));
  if (before === undefined) throw new RangeError(`no incident '${incident}'`);
  changeIncident(before, set, by, '', clock.now()).effect(state);
}
