import { type ChangeKind, type Evidence, type SignIn, type SignInBlock } from '@sallyport/evidence';
import { type Episode } from './episode';
import { type Answer, type Facts } from './fact-docs';
import { existence, isSettled, knownValue, mayBe, msOf, reachesBack } from './reading';

type WindowFacts = Pick<
  Facts,
  | 'disabledByOthers'
  | 'securityInfoChangedInWindow'
  | 'consentInWindow'
  | 'roleChangedInWindow'
  | 'smartLockoutInWindow'
  | 'maliciousAddressInWindow'
>;

/** AADSTS50053 stands for two things, of which one is cured by waiting and the other is not. */
const lockedOrMaliciousAddress = 50053;

/** What happened while an intruder may have been inside. Failed attempts leave nothing behind and do not count. */
export function windowFacts(evidence: Evidence, episode: Episode | undefined, nowMs: number): WindowFacts {
  const startMs = episode?.windowReachedMs ?? null;
  // Where the window may open earlier, what is found in it is found, and nothing is absent.
  const settled = episode?.complete === true && isSettled(evidence.logs, episode.newestMs ?? nowMs);
  const rows = (knownValue(evidence.changes) ?? []).filter(
    ({ by, at }) => by !== 'sallyport' && startMs !== null && msOf(at) >= startMs,
  );
  const changed = (...kinds: ChangeKind[]): Answer => {
    if (startMs === null) return 'unknown';
    const found = rows.some(({ kind, succeeded }) => kinds.includes(kind) && succeeded);
    const unclear = rows.some((row) => mayBe(row, kinds));
    return existence(found, !unclear && settled && reachesBack(evidence.changes, startMs, nowMs));
  };
  return {
    disabledByOthers: disabledByOthers(evidence, changed('accountDisabled')),
    securityInfoChangedInWindow: changed('securityInfoRegistered', 'securityInfoDeleted'),
    consentInWindow: changed('consentGranted'),
    roleChangedInWindow: changed('roleAssigned'),
    smartLockoutInWindow: blockedSignIn('smartLockout', evidence, startMs, settled, nowMs),
    maliciousAddressInWindow: blockedSignIn('maliciousAddress', evidence, startMs, settled, nowMs),
  };
}

/**
 * An account that can sign in again was given back already, by whoever had a right to. One that cannot was disabled by
 * somebody: by one of our own applications only where the log shows that, since no step of ours disables, and a leaver of
 * last month is in no log.
 * @param others whether somebody else did it since the window opened
 */
function disabledByOthers({ user, changes }: Evidence, others: Answer): Answer {
  const enabled = knownValue(user)?.accountEnabled ?? null;
  if (enabled === null) return 'unknown';
  if (enabled || others === 'yes') return enabled ? 'no' : 'yes';
  const done = (knownValue(changes) ?? []).filter(
    ({ kind, succeeded }) => kind === 'accountDisabled' && succeeded,
  );
  const foreign = done.filter(({ by }) => by !== 'sallyport');
  const ours = done.some(
    (row) => row.by === 'sallyport' && foreign.every(({ at }) => msOf(at) < msOf(row.at)),
  );
  return ours ? others : 'unknown';
}

/** Read by the code as well: the evidence may come from a version that did not tell the two apart. */
const unclear = ({ errorCode, blocked }: SignIn) =>
  errorCode === lockedOrMaliciousAddress && blocked !== 'smartLockout' && blocked !== 'maliciousAddress';

function blockedSignIn(
  block: SignInBlock,
  { signIns }: Evidence,
  startMs: number | null,
  settled: boolean,
  nowMs: number,
): Answer {
  if (startMs === null) return 'unknown';
  const inWindow = ({ at }: SignIn) => msOf(at) >= startMs;
  const rows = knownValue(signIns) ?? [];
  const found = rows.some((row) => row.blocked === block && inWindow(row));
  const mayBeOne = rows.some((row) => unclear(row) && inWindow(row));
  return existence(found, !mayBeOne && settled && reachesBack(signIns, startMs, nowMs));
}
