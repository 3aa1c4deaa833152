import { objectIdSchema } from '@sallyport/evidence';
import { z } from 'zod';
import { EntraError } from './entra-error';
import { GraphAsker, type Trace } from './graph-asker';
import type { GraphClient } from './graph-client';
import { objectIdOf } from './graph-query';
import { systemRuntime, type RetryBounds, type Runtime } from './retry';

/** Whether a group is known, and who can change its members. */
export type GroupProtection =
  /**
   * Only privileged administrators: it is role-assignable, or in a restricted management administrative unit with no
   * other group within it.
   */
  | 'protected'
  /** Its owners and every administrator of groups, and for a dynamic group whoever changes what it is made of. */
  | 'open'
  | 'unknownGroup';

/** A boot waits for it, and its next round comes soon. */
const bounds: RetryBounds = { maxAttempts: 2, baseDelayMs: 500, maxDelayMs: 1_500 };

const fields = 'id,groupTypes,isAssignableToRole,isManagementRestricted';
const rowSchema = z.object({
  id: objectIdSchema,
  groupTypes: z.array(z.string()),
  // null means no, by the documentation of both; so does a property that the tenant does not send.
  isAssignableToRole: z.boolean().nullish(),
  isManagementRestricted: z.boolean().nullish(),
});

const memberSchema = z.object({ '@odata.type': z.string() });

const wrongShape = () => new EntraError({ kind: 'invalidAnswer', status: 200, code: 'wrongShape' });

/**
 * Asks the directory how a group is protected. `GroupMember.Read.All` is enough.
 * https://learn.microsoft.com/graph/api/group-get
 *
 * @throws EntraError where that cannot be said now
 */
export async function groupProtection(
  client: GraphClient,
  groupId: string,
  trace: Trace,
  runtime: Runtime = systemRuntime,
): Promise<GroupProtection> {
  const graph = new GraphAsker(client, runtime, bounds, trace);
  try {
    const { body } = await graph.get(`/groups/${objectIdOf(groupId)}?$select=${fields}`);
    const row = rowSchema.safeParse(body);
    if (!row.success) throw wrongShape();
    const { groupTypes, isAssignableToRole, isManagementRestricted } = row.data;
    // Whoever can change what its rule asks of people can let them in.
    if (groupTypes.includes('DynamicMembership')) return 'open';
    // Entra lets no other group into a role-assignable one, and no rule decide who is in it.
    if (isAssignableToRole === true) return 'protected';
    if (isManagementRestricted !== true) return 'open';
    return (await hasNestedGroup(graph, groupId)) ? 'open' : 'protected';
  } catch (error) {
    if (error instanceof EntraError && error.kind === 'notFound') return 'unknownGroup';
    throw error;
  }
}

/**
 * Restriction covers the group and not the groups within it, whose members count as approvers all the same. All members
 * are read, and not groups alone: that is an advanced query, answered from an index which lags behind.
 * https://learn.microsoft.com/graph/api/group-list-members
 */
async function hasNestedGroup(graph: GraphAsker, groupId: string): Promise<boolean> {
  const rows = await graph.rows(`/groups/${objectIdOf(groupId)}/members?$select=id&$top=999`);
  const members = z.array(memberSchema).safeParse(rows);
  if (!members.success) throw wrongShape();
  return members.data.some((member) => member['@odata.type'] === '#microsoft.graph.group');
}
