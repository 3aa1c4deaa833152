import { type Detection, type Device, type Evidence, type SignIn } from '@sallyport/evidence';
import { type Episode } from './episode';
import { type Answer, type Facts } from './fact-docs';
import { isEnrolledAt, type UserProof } from './proof-facts';
import { existence, isCut, isSettled, knownValue, msOf, reachesBack } from './reading';

type SignInFacts = Pick<Facts, 'judgedSignInsExplained' | 'foreignSignInInWindow'>;

/**
 * Who got in. What the user shows later says who holds the device, and nothing about the sign-in that was judged: an
 * intruder may still hold the session that it opened.
 */
export function signInFacts(
  evidence: Evidence,
  episode: Episode | undefined,
  proof: UserProof,
  nowMs: number,
): SignInFacts {
  const foreignSignInInWindow = foreignSignIn(evidence, episode, proof, nowMs);
  return {
    judgedSignInsExplained: judgedSignInsExplained(evidence, episode, foreignSignInInWindow),
    foreignSignInInWindow,
  };
}

/** Refreshes count too: a stolen token shows itself by them. */
function foreignSignIn(
  evidence: Evidence,
  episode: Episode | undefined,
  { device: used }: UserProof,
  nowMs: number,
): Answer {
  const startMs = episode?.windowStartMs ?? null;
  if (!episode || startMs === null) return 'unknown';
  const { signIns, logs } = evidence;
  const devices = knownValue(evidence.devices);
  const own = (knownValue(signIns) ?? [])
    .filter(({ errorCode, at }) => errorCode === 0 && msOf(at) >= startMs)
    .map((signIn) => isEnrolmentOf(used, signIn) || isRegistered(signIn, devices));
  const read = isSettled(logs, episode.newestMs ?? nowMs) && reachesBack(signIns, startMs, nowMs);
  return existence(own.includes(false), read && !own.includes(null));
}

function judgedSignInsExplained(evidence: Evidence, episode: Episode | undefined, foreign: Answer): Answer {
  if (!episode || episode.all.length === 0) return 'unknown';
  const found = episode.all.map((detection) => explained(detection, evidence, foreign));
  if (found.includes(false)) return 'no';
  return episode.complete && !found.includes(null) ? 'yes' : 'unknown';
}

/**
 * A detection without request id is not about one sign-in, so that all of the window must speak for the user.
 * Source: riskDetection resource type in Graph v1.0, `requestId` and `correlationId`.
 * @returns null where it cannot be told
 */
function explained(
  { requestId, correlationId }: Detection,
  evidence: Evidence,
  foreign: Answer,
): boolean | null {
  if (requestId === null && correlationId === null) return foreign === 'unknown' ? null : foreign === 'no';
  // One attempt of a person is several rows, of which the first is often an interruption that asks for MFA.
  const group = (knownValue(evidence.signIns) ?? []).filter(
    (signIn) => signIn.id === requestId || (correlationId !== null && signIn.correlationId === correlationId),
  );
  const ours = group.map(
    (signIn) => signIn.errorCode !== 0 || isOfUser(signIn, knownValue(evidence.devices)),
  );
  if (ours.includes(false)) return false;
  const seen = group.some(({ id }) => id === requestId) || (requestId === null && group.length > 0);
  return seen && !ours.includes(null) ? true : null;
}

/** An intruder's own device, enrolled once inside, explains nothing that came before it. */
function isOfUser(signIn: SignIn, devices: readonly Device[] | undefined): boolean | null {
  if (!signIn.interactive || signIn.mfa !== 'passed') return false;
  const registered = isRegistered(signIn, devices);
  if (!registered) return registered;
  const own = devices?.find(({ deviceId }) => deviceId === signIn.deviceId);
  return own?.registeredAt ? msOf(own.registeredAt) < msOf(signIn.at) : null;
}

/**
 * A device has no id yet while the person signs in to enrol it. Only of the device by which MFA was passed since: whether
 * its enrolment explains what was judged is asked of it anyway. Without MFA it may be anybody who has the password.
 */
const isEnrolmentOf = (used: Device | undefined, { deviceId, mfa, at }: SignIn): boolean =>
  used !== undefined &&
  deviceId === null &&
  (mfa === 'passed' || mfa === 'claimed') &&
  isEnrolledAt(used, msOf(at));

/** @returns null where the device may be one that was not read */
function isRegistered({ deviceId }: SignIn, devices: readonly Device[] | undefined): boolean | null {
  if (deviceId === null) return false;
  if (devices?.some((device) => device.deviceId === deviceId)) return true;
  return devices && !isCut(devices) ? false : null;
}
