import { z } from 'zod';

/** A point in time, UTC, ISO 8601 with milliseconds: the only form stored, so that digests do not depend on spelling. */
export const instantSchema = z.iso.datetime({ precision: 3 });
export type Instant = z.infer<typeof instantSchema>;

/** SHA-256 as 64 lower-case hex digits. */
export const digestSchema = z.string().regex(/^[0-9a-f]{64}$/);
export type Digest = z.infer<typeof digestSchema>;

/** A directory object id (Entra). Never a name or an address: those change and repeat. */
export const objectIdSchema = z.guid().transform((id) => id.toLowerCase());

/** A ServiceNow `sys_id`: 32 hex digits. */
export const sysIdSchema = z.string().regex(/^[0-9a-f]{32}$/);

/** The longest attacker-controlled text kept, in UTF-16 units. Longer text is cut by the reader, visibly. */
export const untrustedMaxLength = 4_000;

/**
 * Text that somebody outside could have chosen (display names, user agents, ticket text, device names).
 * It is an object, not a string, so that no renderer can print it by mistake: it must be unwrapped on purpose.
 */
export const untrustedSchema = z.strictObject({ untrusted: z.string().max(untrustedMaxLength) });
export type Untrusted = z.infer<typeof untrustedSchema>;

/**
 * Marks `text` as untrusted and cuts it to {@link untrustedMaxLength}, with an ellipsis where it was cut. Half
 * characters (lone surrogates) and NUL become U+FFFD: neither has a form that every digest and database agrees on.
 */
export function untrusted(text: string): Untrusted {
  const cut = text.length <= untrustedMaxLength ? text : `${text.slice(0, untrustedMaxLength - 1)}…`;
  return { untrusted: cut.toWellFormed().replaceAll('\u0000', '\ufffd') };
}

/** How a character that nobody can see is shown to whoever reads untrusted text, a person or a model: `⟨U+200B⟩`. */
export const codePointWords = (character: string): string =>
  `⟨U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`;

/**
 * Cc control, Cf format (direction overrides, zero width, soft hyphen, tags), Co private use, Cs half a pair, Cn none; what
 * parts lines and paragraphs; variation selectors, fillers and the like (Default_Ignorable_Code_Point, Unicode 16,
 * chapter 5.21); the empty Braille pattern. Not a selector that says how an emoji is drawn; anywhere else a text can be
 * hidden in them.
 */
const unseen =
  /(?!(?<=\p{Extended_Pictographic})[\uFE0E\uFE0F])[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/**
 * A text from outside with something in the place of each character that nobody can see: it must not turn the words
 * around it, nor hide others.
 *
 * @param shownAs what that is; readers differ in how lines may break
 */
export function showUnseen(text: string, shownAs: (character: string) => string = codePointWords): string {
  return text.replace(unseen, (character) => shownAs(character));
}
