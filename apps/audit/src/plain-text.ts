import type { Untrusted } from '@sallyport/evidence';

/**
 * Untrusted text as one line for a ticket note. ServiceNow renders `[code]` as HTML, so square brackets become round
 * ones; control and bidirectional characters, and whatever else draws nothing, become visible.
 */
export function plainText(text: Untrusted, maxLength = 300): string {
  const shown = text.untrusted
    .normalize('NFKC')
    .replace(invisible, '�')
    .replaceAll('[', '(')
    .replaceAll(']', ')')
    .trim();
  // A cut through a pair of surrogates leaves half of one, which is no text.
  return shown.length <= maxLength ? shown : `${shown.slice(0, maxLength - 1).toWellFormed()}…`;
}

/**
 * Variation selectors, fillers and the empty Braille pattern hide text as well as controls do. A selector that says how an
 * emoji is drawn stays. Source: Unicode 16, chapter 5.21 (Default_Ignorable_Code_Point).
 */
const invisible =
  /(?!(?<=\p{Extended_Pictographic})[\uFE0E\uFE0F])[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;
