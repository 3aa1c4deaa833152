import { codePointWords, showUnseen } from '@sallyport/evidence';

/**
 * Text from outside as a model may read it: compatibility forms folded (NFKC), so that look-alike letters and ligatures
 * are what they look like, and every control, direction and invisible character shown as its code point.
 *
 * @param maxLength in UTF-16 units, of the result
 */
export function shownText(text: string, maxLength: number): string {
  // Folding one character can make eighteen; what lies far beyond the end is not even looked at.
  const folded = text.slice(0, maxLength * 2).normalize('NFKC');
  const shown = showUnseen(folded, (it) => (it === '\n' ? ' ' : codePointWords(it)));
  if (shown.length <= maxLength && text.length <= maxLength * 2) return shown;
  return `${shown.slice(0, maxLength - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
