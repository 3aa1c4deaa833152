import { showUnseen, type Untrusted } from '@sallyport/evidence';

/**
 * Untrusted text as one line for a ticket note. ServiceNow renders `[code]` as HTML, so square brackets become round
 * ones; control and bidirectional characters, and whatever else draws nothing, become visible.
 */
export function plainText(text: Untrusted, maxLength = 300): string {
  const shown = showUnseen(text.untrusted.normalize('NFKC'), () => '�')
    .replaceAll('[', '(')
    .replaceAll(']', ')')
    .trim();
  // A cut through a pair of surrogates leaves half of one, which is no text.
  return shown.length <= maxLength ? shown : `${shown.slice(0, maxLength - 1).toWellFormed()}…`;
}
