import { isDeepStrictEqual } from 'node:util';
import type { ChangeKind } from '@sallyport/evidence';
import { z } from 'zod';

/** As Graph sends them of one target: a name, and values as JSON in a string, at times twice. */
const modifiedSchema = z.array(
  z.object({
    displayName: z.string(),
    oldValue: z.string().nullish(),
    newValue: z.string().nullish(),
  }),
);

/** What a changed property says for sure, and what it may mean. */
export interface Meaning {
  sure: ChangeKind | null;
  mayBe: readonly ChangeKind[];
}
const nothing: Meaning = { sure: null, mayBe: [] };

const securityInfo = ['securityInfoRegistered', 'securityInfoDeleted'] as const;
/**
 * Properties of a user that are sign-in methods, or that methods and self-service reset are taken from. The log has no
 * contract on these names. An authenticator that renews its token writes them too, so that a change alone may be nothing.
 * https://techcommunity.microsoft.com/blog/microsoftsecurityexperts/hunting-for-mfa-manipulations-in-entra-id-tenants-using-kql/4154039
 */
const ofSecurityInfo =
  /^(strongauthentication.*|(alt|alternative)securityids?|searchabledevicekey|othermails?|mobile(phone)?)$/;
/** Lists of methods: where one grows or shrinks, it is said what happened. */
const listsOfMethods: ReadonlySet<string> = new Set(['strongauthenticationmethod', 'searchabledevicekey']);
/** The authenticators of a user, each with its device and its tokens. */
const listOfAuthenticators = 'strongauthenticationphoneappdetail';
/** What any use of an authenticator writes into its entry, within a second of the MFA that it answered. */
const ofUse: ReadonlySet<string> = new Set(['PhoneAppVersion', 'LastAuthenticatedTimestamp']);
/** Properties of a device that say whose it is, or what it proves itself by. */
const ofEnrolment =
  /^((alt|alternative)securityids?|(searchable)?devicekey|(device)?trusttype|registered(owner|user)s?)$/;
/** The entry that lists the names of all that were changed. */
const listOfNames = 'included updated properties';

/**
 * What rows mean whose activity only says that something was updated.
 *
 * @param activity lower case; null from here is no such activity
 * @param modified `modifiedProperties` of the target, as sent
 */
export function meaningOfUpdate(activity: string, modified: unknown): Meaning | null {
  if (activity !== 'update user' && activity !== 'update device') return null;
  const parsed = modifiedSchema.safeParse(modified);
  const user = activity === 'update user';
  const possible: readonly ChangeKind[] = user ? securityInfo : ['deviceRegistered'];
  if (!parsed.success) return { sure: null, mayBe: possible };
  const [names, properties] = split(parsed.data);
  if (names === null) return { sure: null, mayBe: possible };
  const used = isOnlyUse(properties.get(listOfAuthenticators));
  const telling = [...properties.keys(), ...names].filter(
    (name) => (user ? ofSecurityInfo : ofEnrolment).test(name) && !(used && name === listOfAuthenticators),
  );
  if (telling.length === 0) return nothing;
  const [grown = null] = [...properties]
    .filter(([name]) => user && listsOfMethods.has(name))
    .map(([, { oldValue, newValue }]) => listChange(oldValue, newValue))
    .filter((kind) => kind !== null);
  return { sure: grown, mayBe: possible };
}

type Property = z.infer<typeof modifiedSchema>[number];

/** The names in the list of names, null where that cannot be read, and the properties by their own. */
function split(all: readonly Property[]): [names: string[] | null, properties: Map<string, Property>] {
  const properties = new Map(all.map((property) => [property.displayName.trim().toLowerCase(), property]));
  const list = properties.get(listOfNames);
  properties.delete(listOfNames);
  if (!list) return [[], properties];
  const value = unwrapped(list.newValue);
  const text = Array.isArray(value) ? value.join(',') : value;
  if (typeof text !== 'string') return [null, properties];
  return [text.split(',').map((name) => name.trim().toLowerCase()), properties];
}

function listChange(oldValue: unknown, newValue: unknown): (typeof securityInfo)[number] | null {
  const [before, after] = [unwrapped(oldValue), unwrapped(newValue)];
  if (!Array.isArray(before) || !Array.isArray(after) || before.length === after.length) return null;
  return after.length > before.length ? 'securityInfoRegistered' : 'securityInfoDeleted';
}

/** Whether the entries are the same before and after, but for what says when an authenticator was used. */
function isOnlyUse(authenticators: Property | undefined): boolean {
  const [before, after] = [unwrapped(authenticators?.oldValue), unwrapped(authenticators?.newValue)];
  if (!Array.isArray(before) || !Array.isArray(after) || before.length === 0) return false;
  return isDeepStrictEqual(before.map(withoutUse), after.map(withoutUse));
}

const withoutUse = (entry: unknown): unknown =>
  typeof entry === 'object' && entry !== null
    ? Object.fromEntries(Object.entries(entry).filter(([name]) => !ofUse.has(name)))
    : entry;

/** JSON in a string, or in a string in a string. @returns what is no JSON as it is */
function unwrapped(value: unknown): unknown {
  let inner = value;
  for (let depth = 0; depth < 2 && typeof inner === 'string'; depth++) {
    try {
      inner = JSON.parse(inner);
    } catch {
      return inner;
    }
  }
  return inner;
}
