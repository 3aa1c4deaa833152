import { codePointWords } from '@sallyport/evidence';

/**
 * Text from outside as a model may read it: compatibility forms folded (NFKC), so that look-alike letters and ligatures
 * are what they look like, and every control, direction and invisible character shown as its code point.
 *
 * @param maxLength in UTF-16 units, of the result
 */
export function shownText(text: string, maxLength: number): string {
  // Folding one character can make eighteen; what lies far beyond the end is not even looked at.
  const folded = text.slice(0, maxLength * 2).normalize('NFKC');
  let before = '';
  const shown = Array.from(folded, (character) => {
    const isDrawn = !invisible.test(character) || (emojiStyle.test(character) && emoji.test(before));
    before = character;
    if (isDrawn) return character;
    return character === '\n' ? ' ' : codePointWords(character);
  }).join('');
  if (shown.length <= maxLength && text.length <= maxLength * 2) return shown;
  return `${shown.slice(0, maxLength - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** Also what draws nothing and is no control: variation selectors, fillers, the empty Braille pattern. */
const invisible = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/u;
const emojiStyle = /[\uFE0E\uFE0F]/;
const emoji = /\p{Extended_Pictographic}/u;
