import type { Action } from '@sallyport/evidence';

/** One wording everywhere: cards say what tickets say. */
export { roleWords, stepWords, timeWords } from '@sallyport/case';

export const actionWords: Record<Action, string> = {
  contain: 'Contain the account',
  release: 'Release the account',
  close: 'Close the case',
};
