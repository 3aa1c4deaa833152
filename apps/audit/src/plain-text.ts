import type { Untrusted } from '@sallyport/evidence';

/**
 * Untrusted text as one line for a ticket note. ServiceNow renders `[code]` as HTML, so square brackets become round
 * ones; control and bidirectional characters become visible.
 */
export function plainText(text: Untrusted, maxLength = 300): string {
  const shown = text.untrusted
    .normalize('NFKC')
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '�')
    .replaceAll('[', '(')
    .replaceAll(']', ')')
    .trim();
  // A cut through a pair of surrogates leaves half of one, which is no text.
  return shown.length <= maxLength ? shown : `${shown.slice(0, maxLength - 1).toWellFormed()}…`;
}
