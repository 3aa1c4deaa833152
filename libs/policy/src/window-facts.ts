import { type ChangeKind, type Evidence } from '@sallyport/evidence';
import { type Episode } from './episode';
import { type Answer, type Facts } from './fact-docs';
import { existence, isSettled, knownValue, mayBe, msOf, reachesBack } from './reading';

type WindowFacts = Pick<
  Facts,
  | 'disabledByOthers'
  | 'securityInfoChangedInWindow'
  | 'consentInWindow'
  | 'roleChangedInWindow'
  | 'blockedSignIn50053'
>;

/** AADSTS50053: locked by smart lockout, or a sign-in from an address with malicious activity. */
const lockedOrMaliciousAddress = 50053;

/** What happened while an intruder may have been inside. Failed attempts leave nothing behind and do not count. */
export function windowFacts(evidence: Evidence, episode: Episode | undefined, nowMs: number): WindowFacts {
  const startMs = episode?.windowReachedMs ?? null;
  // Where the window may open earlier, what is found in it is found, and nothing is absent.
  const settled = episode?.complete === true && isSettled(evidence.logs, episode.newestMs ?? nowMs);
  const changed = (...kinds: ChangeKind[]): Answer => {
    if (startMs === null) return 'unknown';
    const rows = (knownValue(evidence.changes) ?? []).filter(
      ({ by, at }) => by !== 'sallyport' && msOf(at) >= startMs,
    );
    const found = rows.some(({ kind, succeeded }) => kinds.includes(kind) && succeeded);
    const unclear = rows.some((row) => mayBe(row, kinds));
    return existence(found, !unclear && settled && reachesBack(evidence.changes, startMs, nowMs));
  };
  return {
    disabledByOthers: disabledByOthers(evidence, changed('accountDisabled')),
    securityInfoChangedInWindow: changed('securityInfoRegistered', 'securityInfoDeleted'),
    consentInWindow: changed('consentGranted'),
    roleChangedInWindow: changed('roleAssigned'),
    blockedSignIn50053: blockedSignIn(evidence, startMs, settled, nowMs),
  };
}

/** An account that can sign in again was given back already, by whoever had a right to. */
function disabledByOthers({ user }: Evidence, disabled: Answer): Answer {
  const enabled = knownValue(user)?.accountEnabled ?? null;
  if (enabled === null) return 'unknown';
  return enabled ? 'no' : disabled;
}

function blockedSignIn(
  { signIns }: Evidence,
  startMs: number | null,
  settled: boolean,
  nowMs: number,
): Answer {
  if (startMs === null) return 'unknown';
  const found = (knownValue(signIns) ?? []).some(
    ({ errorCode, at }) => errorCode === lockedOrMaliciousAddress && msOf(at) >= startMs,
  );
  return existence(found, settled && reachesBack(signIns, startMs, nowMs));
}
