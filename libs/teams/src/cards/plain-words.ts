import type { Action } from '@sallyport/evidence';

/** One wording everywhere: cards say what tickets say. */
export { roleWords, stepWords } from '@sallyport/case';

export const actionWords: Record<Action, string> = {
  contain: 'Contain the account',
  release: 'Release the account',
  close: 'Close the case',
};

/** `2026-11-20 09:12 UTC`: cards are read in many time zones at once. */
export function timeWords(instant: string): string {
  return `${instant.slice(0, 10)} ${instant.slice(11, 16)} UTC`;
}
