import type { Standing } from '@sallyport/evidence';
import { z } from 'zod';
import type { GraphAsker } from './graph-asker';
import { memberGroups } from './member-groups';
import { type ExtensionAttribute, matchesUpn, type UpnPattern } from './standing-list';
import { Unknowable } from './unknowable';

/** One configured list: who matches any of these is on it. */
export interface StandingList {
  /** Object ids of groups, whose members are on it, nested ones too. */
  groups: readonly string[];
  upnPatterns: readonly UpnPattern[];
  attributes: readonly ExtensionAttribute[];
}
export type StandingLists = Record<keyof Standing, StandingList>;

const rowSchema = z.object({
  userPrincipalName: z.string().min(1),
  onPremisesExtensionAttributes: z.record(z.string(), z.unknown()).nullish(),
});
type Row = z.infer<typeof rowSchema>;

const isEmpty = ({ groups, upnPatterns, attributes }: StandingList): boolean =>
  groups.length + upnPatterns.length + attributes.length === 0;

/**
 * Without a break-glass list nobody could be known not to be break-glass; the other lists may be empty. The account is
 * only asked for where a list looks at its name or attributes.
 *
 * @throws Unknowable, EntraError or ZodError where one answer is missing: "not on the list" needs all of them
 */
export async function standingOf(graph: GraphAsker, userId: string, lists: StandingLists): Promise<Standing> {
  if (isEmpty(lists.breakGlass)) {
    throw new Unknowable('notConfigured', 'no list of break-glass accounts is configured');
  }
  const all = [lists.breakGlass, lists.serviceAccount, lists.vip];
  const groups = all.flatMap((list) => list.groups);
  const member = await memberGroups(graph, userId, groups);
  const looksAtAccount = all.some(
    ({ upnPatterns, attributes }) => upnPatterns.length + attributes.length > 0,
  );
  const row = looksAtAccount ? await rowOf(graph, userId) : null;
  // Each list is asked to the end: one that is matched early must not hide an attribute that cannot be read.
  const onList = (list: StandingList): boolean =>
    [
      ...list.groups.map((group) => member.has(group.toLowerCase())),
      ...list.upnPatterns.map((pattern) => row !== null && matchesUpn(pattern, row.userPrincipalName)),
      ...list.attributes.map((attribute) => row !== null && hasAttribute(row, attribute)),
    ].includes(true);
  return {
    breakGlass: onList(lists.breakGlass),
    serviceAccount: onList(lists.serviceAccount),
    vip: onList(lists.vip),
  };
}

async function rowOf(graph: GraphAsker, userId: string): Promise<Row> {
  const fields = 'userPrincipalName,onPremisesExtensionAttributes';
  return rowSchema.parse((await graph.get(`/users/${userId}?$select=${fields}`)).body);
}

/** @throws Unknowable where the directory does not show the attribute; an empty one is null, and that is known. */
function hasAttribute(row: Row, { name, value }: ExtensionAttribute): boolean {
  const found = row.onPremisesExtensionAttributes?.[name];
  if (found === null) return false;
  if (typeof found !== 'string') throw new Unknowable('hidden', `${name} is not visible to the reader`);
  return found.trim().toLowerCase() === value.toLowerCase();
}
