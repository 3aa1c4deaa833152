import { codePointWords } from '@sallyport/evidence';

/**
 * Text from outside as a person may safely see it: one line, no control, formatting or direction characters (they
 * become their code point, visibly; so does whatever else no client draws), no address that a client could turn into a link, no `{{DATE(…)}}` that a client
 * would fill in, and an end.
 *
 * @param maxLength in UTF-16 units, of the result
 */
export function visibleText(text: string, maxLength: number): string {
  let visible = '';
  let before = '';
  // More than this can never fit, and a 4 MB name should cost nothing.
  for (const character of text.slice(0, maxLength + 1)) {
    visible += replacementOf(character, before);
    before = character;
    if (visible.length > maxLength) break;
  }
  visible = visible
    .replaceAll('://', ':⁄⁄')
    .replace(/\bwww\./gi, 'www·')
    .replace(/\{(?=\{)/g, '{ ');
  return visible.length <= maxLength && text.length <= maxLength ? visible : cut(visible, maxLength);
}

function replacementOf(character: string, before: string): string {
  if (character === '\n' || character === '\u2028' || character === '\u2029') return ' ⏎ ';
  if (character === '\t') return ' ';
  if (character === '\r') return '';
  // How an emoji is drawn; anywhere else a text can be hidden in them.
  if (/[\uFE0E\uFE0F]/.test(character) && /\p{Extended_Pictographic}/u.test(before)) return character;
  // Cc control, Cf format (direction overrides, zero width, soft hyphen, tags), Co private use, Cs half a pair; variation
  // selectors, fillers and the like (Default_Ignorable_Code_Point, Unicode 16, chapter 5.21); the empty Braille pattern.
  if (!/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Cn}\p{Default_Ignorable_Code_Point}\u2800]/u.test(character))
    return character;
  return codePointWords(character);
}

/** Never cuts a surrogate pair in two. */
function cut(text: string, maxLength: number): string {
  const head = text.slice(0, maxLength - 1);
  return `${head.isWellFormed() ? head : head.slice(0, -1)}…`;
}
