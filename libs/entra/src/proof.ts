import type { Instant, RiskState, StepKind } from '@sallyport/evidence';
import type { AccountState } from './account-reader';

/** States in which Identity Protection no longer counts the user as risky. */
const terminalRisk: ReadonlySet<RiskState> = new Set(['none', 'confirmedSafe', 'remediated', 'dismissed']);

/**
 * Whether a reading proves that a step took effect.
 *
 * @param startedAt when the write was about to be sent, by our clock
 * @param skewMs how far Microsoft's clock may lag behind ours; an effect from before that is somebody else's
 */
export function proves(
  step: StepKind,
  state: AccountState,
  startedAt: Instant,
  skewMs: number,
): 'applied' | 'notYet' {
  const notBefore = new Date(Date.parse(startedAt) - skewMs).toISOString();
  const since = (at: Instant | null) => at !== null && at >= notBefore;
  const proven: Record<StepKind, boolean> = {
    revokeSessions: since(state.sessionsValidFrom),
    forcePasswordChange: since(state.lastPasswordChangeAt),
    dismissRisk: terminalRisk.has(state.risk.state) && !state.risk.processing,
    enableAccount: state.accountEnabled === true,
  };
  return proven[step] ? 'applied' : 'notYet';
}
