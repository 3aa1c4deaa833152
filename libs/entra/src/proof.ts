import type { AccountBefore, Instant, StepKind } from '@sallyport/evidence';
import type { AccountState } from './account-reader';
import { type AccountMark, accountSteps } from './account-steps';

/** How far Microsoft's clock may lag behind ours where nothing else tells our effect from an earlier one. */
export const skewWithoutBeforeMs = 60_000;

/**
 * The same where the account was read directly before the call, so that an earlier effect is known as such. Not
 * without bound: a replica of the directory may have answered that reading from minutes ago.
 */
export const skewWithBeforeMs = 5 * 60_000;

/** What a step's intent remembers. */
export interface Intent {
  /** When the write was about to be sent, by our clock. */
  startedAt: Instant;
  /** The account directly before; null where it could not be read. */
  before: AccountBefore | null;
}

/** Whether a reading proves that a step took effect. */
export function proves(step: StepKind, state: AccountState, intent: Intent): 'applied' | 'notYet' {
  const { before, startedAt } = intent;
  const skewMs = before ? skewWithBeforeMs : skewWithoutBeforeMs;
  const notBefore = new Date(Date.parse(startedAt) - skewMs).toISOString();
  const moved = (mark: AccountMark) => {
    const at = state[mark];
    return at !== null && at >= notBefore && (before === null || at > (before[mark] ?? ''));
  };
  const shown = accountSteps[step].shows(state, moved, before);
  return shown ? 'applied' : 'notYet';
}
