/** Where a tenant's rows name each other by key. */
const references = new Set([
  'manager',
  'subject',
  'caller',
  'openedBy',
  'by',
  'user',
  'incident',
  'initiatedBy',
]);
const referenceLists = new Set(['groups', 'owners']);

/**
 * Gives every row of a scenario a key of its own, so that scenarios run side by side in one simulated tenant, and so
 * does a second run of the same one. Keys that the scenario does not define are left: they name the base tenant.
 */
export function withOwnKeys<T>(given: T, own: ReadonlySet<string>, prefix: string): T {
  const rename = (key: unknown) => (typeof key === 'string' && own.has(key) ? `${prefix}${key}` : key);
  const walk = (value: unknown, property: string): unknown => {
    if (Array.isArray(value)) {
      // A person's `groups` are keys; those of the tenant are rows.
      return value.map((item) =>
        referenceLists.has(property) && typeof item === 'string' ? rename(item) : walk(item, property),
      );
    }
    if (typeof value === 'object' && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, walk(member, name)]));
    }
    return property === 'key' || references.has(property) ? rename(value) : value;
  };
  return walk(given, '') as T;
}

/** The keys that a scenario's tenant defines. */
export function ownKeys(tenant: {
  users?: { key: string }[];
  groups?: { key: string }[];
  incidents?: { key: string }[];
}): Set<string> {
  return new Set(
    [...(tenant.users ?? []), ...(tenant.groups ?? []), ...(tenant.incidents ?? [])].map((row) => row.key),
  );
}
