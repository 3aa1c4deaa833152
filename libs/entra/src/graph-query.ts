import { objectIdSchema, type Instant } from '@sallyport/evidence';

/**
 * An object id that is safe inside a path or a filter.
 *
 * @throws TypeError for anything but a GUID: names and UPNs repeat, and a quote would end the filter's string.
 */
export function objectIdOf(id: string): string {
  const parsed = objectIdSchema.safeParse(id);
  if (!parsed.success) throw new TypeError('expected an object id (GUID)');
  return parsed.data;
}

/** `$filter` as a query parameter, encoded: the SDK passes queries on as they are. */
export function filterOf(...conditions: readonly string[]): string {
  return `$filter=${encodeURIComponent(conditions.join(' and '))}`;
}

/** OData writes a date-time without quotes; whole seconds are enough and always accepted. */
export function odataTime(instant: Instant): string {
  return `${instant.slice(0, 19)}Z`;
}
