import { z } from 'zod';
import type { GraphAsker } from './graph-asker';
import { objectIdOf } from './graph-query';

/** Limit of checkMemberGroups. */
const groupsPerCall = 20;
const checkedGroupsSchema = z.object({ value: z.array(z.string()) });

/**
 * Which of `groupIds` the user is in, directly or through other groups; ids in lower case.
 *
 * @throws EntraError, ZodError, or TypeError for an id that is not a GUID.
 */
export async function memberGroups(
  graph: GraphAsker,
  userId: string,
  groupIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const asked = [...new Set(groupIds.map(objectIdOf))];
  const member = new Set<string>();
  for (let at = 0; at < asked.length; at += groupsPerCall) {
    const answer = await graph.postQuery(`/users/${objectIdOf(userId)}/checkMemberGroups`, {
      groupIds: asked.slice(at, at + groupsPerCall),
    });
    for (const id of checkedGroupsSchema.parse(answer.body).value) member.add(id.toLowerCase());
  }
  return member;
}
