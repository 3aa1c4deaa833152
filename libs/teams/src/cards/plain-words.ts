import type { Action, RiskState } from '@sallyport/evidence';

/** One wording everywhere: cards say what tickets say. */
export { roleWords, stepWords, timeWords } from '@sallyport/case';

export const riskStateWords: Record<RiskState, string> = {
  none: 'no risk',
  confirmedSafe: 'confirmed safe',
  remediated: 'remediated',
  dismissed: 'dismissed',
  atRisk: 'at risk',
  confirmedCompromised: 'confirmed compromised',
  unknown: 'state unknown',
};

export const actionWords: Record<Action, string> = {
  contain: 'Contain the account',
  release: 'Release the account',
  close: 'Close the case',
};
