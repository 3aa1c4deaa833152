import { codePointWords, showUnseen } from '@sallyport/evidence';

/**
 * Text from outside as a person may safely see it: one line, no control, formatting or direction characters (they
 * become their code point, visibly; so does whatever else no client draws), no address that a client could turn into a link, no `{{DATE(…)}}` that a client
 * would fill in, and an end.
 *
 * @param maxLength in UTF-16 units, of the result
 */
export function visibleText(text: string, maxLength: number): string {
  // More than this can never fit, and a 4 MB name should cost nothing.
  const visible = showUnseen(text.slice(0, maxLength + 1), shownAs)
    .replaceAll('://', ':⁄⁄')
    .replace(/\bwww\./gi, 'www·')
    .replace(/\{(?=\{)/g, '{ ');
  return visible.length <= maxLength && text.length <= maxLength ? visible : cut(visible, maxLength);
}

function shownAs(character: string): string {
  if (character === '\n' || character === '\u2028' || character === '\u2029') return ' ⏎ ';
  if (character === '\t') return ' ';
  return character === '\r' ? '' : codePointWords(character);
}

/** Never cuts a surrogate pair in two. */
function cut(text: string, maxLength: number): string {
  const head = text.slice(0, maxLength - 1);
  return `${head.isWellFormed() ? head : head.slice(0, -1)}…`;
}
