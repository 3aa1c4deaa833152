import type { Instant } from '@sallyport/evidence';
import { z } from 'zod';

/**
 * Graph sends up to seven fractional digits. They are cut, not rounded: a time must never move into the future.
 *
 * @returns null for text that is not an ISO 8601 time with a zone.
 */
export function instantOf(text: string): Instant | null {
  const match = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(\.\d{1,3})?\d{0,9}(Z|[+-]\d{2}:\d{2})$/.exec(text);
  if (!match) return null;
  const at = new Date(`${match[1]}${match[2] ?? ''}${match[3]}`);
  return Number.isNaN(at.getTime()) ? null : at.toISOString();
}

export const graphInstant = z.string().transform((text, context): Instant => {
  const instant = instantOf(text);
  if (instant !== null) return instant;
  context.addIssue({ code: 'custom', message: 'expected an ISO 8601 time' });
  return z.NEVER;
});

/** .NET's empty date, year 1, stands for "never". */
export const graphInstantOrNull = graphInstant
  .nullish()
  .transform((instant) => (instant == null || instant.startsWith('0001-') ? null : instant));

/** Text we store but did not write: bounded, so that one odd value cannot fill the evidence. */
export const graphText = z.string().transform((text) => text.slice(0, 200));
export const graphTextOrNull = graphText.nullish().transform((text) => (text ? text : null));
/** A name out of a list that somebody else keeps, such as an operating system; a device can send any text as one. */
export const graphWord = z
  .string()
  .nullish()
  .transform((text) => (text && /^[A-Za-z0-9][A-Za-z0-9 ._-]{0,59}$/.test(text) ? text : 'unknown'));
export const graphFlag = z
  .boolean()
  .nullish()
  .transform((flag) => flag ?? null);

/** A value of an evolvable enum; one we do not know, null and `unknownFutureValue` are `unknown`, never a guess. */
export function knownOrUnknown<const T extends string>(known: readonly T[]) {
  return z
    .string()
    .nullish()
    .transform((text): T | 'unknown' => known.find((name) => name === text) ?? 'unknown');
}
