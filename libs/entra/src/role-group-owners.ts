import { objectIdSchema } from '@sallyport/evidence';
import { z } from 'zod';
import { EntraError } from './entra-error';
import type { GraphAsker } from './graph-asker';
import { filterOf } from './graph-query';
import { Unknowable } from './unknowable';

/** A tenant has at most so many. https://learn.microsoft.com/entra/identity/role-based-access-control/groups-concept */
const roleGroupsMax = 500;
/** So many calls at once: one `$batch` where the client has batches. */
const atOnce = 20;

const rowsSchema = z.array(z.object({ id: objectIdSchema }));

/**
 * Everybody who owns a group that roles can be assigned to, lower case. The groups are asked for their owners, because
 * an application may not ask for what a person owns: https://learn.microsoft.com/graph/api/user-list-ownedobjects
 *
 * @throws EntraError, ZodError or Unknowable where one of the groups cannot be asked
 */
export async function roleGroupOwners(graph: GraphAsker): Promise<ReadonlySet<string>> {
  const filter = filterOf('isAssignableToRole eq true');
  const groups = rowsSchema.parse(await graph.rows(`/groups?${filter}&$select=id&$top=999`));
  if (groups.length > roleGroupsMax) {
    throw new Unknowable('invalid', `more than ${roleGroupsMax} role-assignable groups`);
  }
  const owners = new Set<string>();
  for (let at = 0; at < groups.length; at += atOnce) {
    const some = await Promise.all(groups.slice(at, at + atOnce).map(({ id }) => ownersOf(graph, id)));
    for (const { id } of some.flat()) owners.add(id);
  }
  return owners;
}

async function ownersOf(graph: GraphAsker, groupId: string): Promise<z.infer<typeof rowsSchema>> {
  try {
    return rowsSchema.parse(await graph.rows(`/groups/${groupId}/owners?$select=id&$top=999`));
  } catch (error) {
    // Deleted since it was listed.
    if (error instanceof EntraError && error.kind === 'notFound') return [];
    throw error;
  }
}
