import { objectIdSchema, type Instant } from '@sallyport/evidence';
import { z } from 'zod';

/** Every value is a string; a reference is a string or `{link, value}`, and an empty one is `""`. */
export const fieldValue = z
  .union([z.string(), z.object({ value: z.string() }).transform(({ value }) => value), z.null()])
  .transform((value) => value ?? '');

/** Booleans are the words `true` and `false`; everything else is not a boolean. */
export const flagValue = fieldValue.pipe(z.enum(['true', 'false'])).transform((text) => text === 'true');

export const countValue = fieldValue.pipe(z.string().regex(/^\d{1,9}$/)).transform(Number);

/** A database date is UTC with one-second precision: `2026-11-20 09:31:48`. */
export const dateValue = fieldValue
  .pipe(z.string().regex(/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/))
  .transform((text): Instant => `${text.replace(' ', 'T')}.000Z`);

/** The other direction, for encoded queries. */
export function databaseDate(instant: Instant): string {
  return instant.slice(0, 19).replace('T', ' ');
}

/** A directory object id, or null for anything else. */
export function objectIdOrNull(text: string): string | null {
  const parsed = objectIdSchema.safeParse(text);
  return parsed.success ? parsed.data : null;
}

/**
 * @throws TypeError for what is not a sys_id. Encoded queries and paths cannot be escaped safely, so nothing
 * unvalidated may enter one.
 */
export function sysIdOf(text: string): string {
  if (!/^[0-9a-f]{32}$/.test(text)) throw new TypeError('expected a sys_id (32 hex digits)');
  return text;
}
