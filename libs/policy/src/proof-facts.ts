import { type Change, type Device, type Evidence, type SignIn } from '@sallyport/evidence';
import { type Episode } from './episode';
import { type Answer, type Facts, unknownNumber } from './fact-docs';
import { answerOf, existence, isCut, isSettled, knownValue, mayBe, msOf, reachesBack } from './reading';
import { clockSkewMinutes, hourMs, minuteMs } from './windows';

type ProofFacts = Pick<
  Facts,
  | 'mfaPassedAfterDetection'
  | 'knownDeviceUsed'
  | 'usedDeviceEnrolledKnown'
  | 'usedDeviceEnrolledHours'
  | 'usedDeviceEnrolledInWindow'
  | 'usedDeviceEnrolledBeforeDetection'
  | 'otherDeviceEnrolledInWindow'
  | 'newDeviceEnrolledKnown'
  | 'newDeviceEnrolledHours'
>;

/** What may speak for the real user. */
export interface UserProof {
  /** Those that passed MFA since the newest detection, or are what it judges; on whichever device. */
  signIns: readonly SignIn[];
  /** The user's device among theirs that decides what its enrolment means; undefined where none is listed. */
  device: Device | undefined;
}

export function proofOf(evidence: Evidence, episode: Episode | undefined): UserProof {
  const signIns = mfaSignIns(evidence, episode);
  return { signIns, device: usedDevice(evidence, signIns) };
}

export function proofFacts(
  evidence: Evidence,
  episode: Episode | undefined,
  { signIns: proofs, device: used }: UserProof,
  nowMs: number,
): ProofFacts {
  const devices = knownValue(evidence.devices);
  const mfaPassedAfterDetection = mfaPassed(evidence, episode, proofs, nowMs);
  const usedHours = hoursSince(used?.registeredAt, nowMs);
  const newestHours = newestDeviceHours(devices ?? [], nowMs);
  return {
    mfaPassedAfterDetection,
    knownDeviceUsed: knownDeviceUsed(mfaPassedAfterDetection, used, devices),
    usedDeviceEnrolledKnown: usedHours !== null,
    usedDeviceEnrolledHours: usedHours ?? unknownNumber,
    usedDeviceEnrolledInWindow: answerOf(used && enrolledSince(used, episode?.windowStartMs)),
    usedDeviceEnrolledBeforeDetection: answerOf(used && enrolledBefore(used, episode)),
    otherDeviceEnrolledInWindow: otherDeviceEnrolled(evidence, used, episode?.windowStartMs),
    newDeviceEnrolledKnown: newestHours !== null,
    newDeviceEnrolledHours: newestHours ?? unknownNumber,
  };
}

/** Only interactive sign-ins: in the others a stolen token would have "passed" MFA too. */
function mfaSignIns({ signIns }: Evidence, episode: Episode | undefined): readonly SignIn[] {
  const newestMs = episode?.newestMs ?? null;
  if (!episode || newestMs === null || signIns.state === 'unknown') return [];
  return signIns.value.filter(
    (signIn) =>
      signIn.interactive &&
      signIn.errorCode === 0 &&
      signIn.mfa === 'passed' &&
      (msOf(signIn.at) >= newestMs || isJudgedLast(signIn, episode)),
  );
}

/**
 * Whether this is the sign-in that the newest detection judges, and nothing else of the episode came after it: an offline
 * detection can be made days later about a sign-in of the user from before the attack, which says nothing about the attack.
 */
function isJudgedLast({ id, at }: SignIn, { all, newestMs }: Episode): boolean {
  // A detection's requestId is the id of the sign-in that it judges.
  return (
    all.some(({ requestId, detectedAt }) => requestId === id && msOf(detectedAt) === newestMs) &&
    all.every(
      ({ requestId, activityAt, detectedAt }) =>
        requestId === id || msOf(activityAt ?? detectedAt) <= msOf(at),
    )
  );
}

function mfaPassed(
  evidence: Evidence,
  episode: Episode | undefined,
  proofs: readonly SignIn[],
  nowMs: number,
): Answer {
  const newestMs = episode?.newestMs ?? null;
  if (newestMs === null) return 'unknown';
  const { signIns, logs } = evidence;
  return existence(proofs.length > 0, reachesBack(signIns, newestMs, nowMs) && isSettled(logs, newestMs));
}

/** The most recently enrolled of the user's devices that passed MFA; one without a time counts as newest. */
function usedDevice(evidence: Evidence, proofs: readonly SignIn[]): Device | undefined {
  const used = (knownValue(evidence.devices) ?? []).filter(
    ({ deviceId }) => deviceId !== null && proofs.some((row) => row.deviceId === deviceId),
  );
  const enrolledMs = ({ registeredAt }: Device) => (registeredAt === null ? Infinity : msOf(registeredAt));
  // The id decides between equals, so that the order of rows never does.
  return used.sort((a, b) =>
    enrolledMs(a) === enrolledMs(b) ? (a.id < b.id ? -1 : 1) : enrolledMs(b) - enrolledMs(a),
  )[0];
}

function knownDeviceUsed(
  mfa: Answer,
  used: Device | undefined,
  devices: readonly Device[] | undefined,
): Answer {
  if (used) return 'yes';
  if (mfa === 'no') return 'no';
  return mfa === 'unknown' || !devices || isCut(devices) ? 'unknown' : 'no';
}

/** @returns null where it cannot be told. */
function enrolledSince({ registeredAt }: Device, sinceMs: number | null | undefined): boolean | null {
  if (registeredAt === null || sinceMs === null || sinceMs === undefined) return null;
  return msOf(registeredAt) >= sinceMs;
}

/**
 * Whether the device was there before every activity that the episode is about, and so can explain it.
 * @returns null where it cannot be told
 */
function enrolledBefore({ registeredAt }: Device, episode: Episode | undefined): boolean | null {
  if (registeredAt === null || !episode?.complete || episode.all.length === 0) return null;
  const activityMs = episode.all.map(({ activityAt }) => (activityAt === null ? null : msOf(activityAt)));
  if (activityMs.some((at) => at !== null && msOf(registeredAt) >= at)) return false;
  return activityMs.includes(null) ? null : true;
}

/** A device that is not listed may have been enrolled all the same: by a row of the log that we cannot read, or by one that says so. */
function otherDeviceEnrolled(
  evidence: Evidence,
  used: Device | undefined,
  sinceMs: number | null | undefined,
): Answer {
  const devices = knownValue(evidence.devices);
  if (!devices) return 'unknown';
  const enrolled = devices
    .filter(({ id }) => id !== used?.id)
    .map((device) => enrolledSince(device, sinceMs));
  const changes = knownValue(evidence.changes) ?? [];
  const inWindow = ({ at }: Change) => typeof sinceMs !== 'number' || msOf(at) >= sinceMs;
  const unclear = changes.some((row) => mayBe(row, ['deviceRegistered']) && inWindow(row));
  const unlisted = changes.some(
    (row) =>
      row.kind === 'deviceRegistered' &&
      row.succeeded &&
      inWindow(row) &&
      !devices.some((device) => isEnrolledAt(device, msOf(row.at))),
  );
  const absenceProven =
    typeof sinceMs === 'number' && !isCut(devices) && !enrolled.includes(null) && !unlisted;
  return existence(enrolled.includes(true), absenceProven && !unclear);
}

/** The log tells of one enrolment in several rows, around the time that the device itself has. */
export const isEnrolledAt = ({ registeredAt }: Device, atMs: number): boolean =>
  registeredAt !== null && Math.abs(msOf(registeredAt) - atMs) <= clockSkewMinutes * minuteMs;

/** One device without a time could be the newest, so it makes the answer unknown. */
function newestDeviceHours(devices: readonly Device[], nowMs: number): number | null {
  if (devices.length === 0 || isCut(devices)) return null;
  const hours = devices.map(({ registeredAt }) => hoursSince(registeredAt, nowMs));
  const told = hours.filter((value) => value !== null);
  return told.length === hours.length ? Math.min(...told) : null;
}

/** @returns whole hours, rounded down; null for no time or one that lies in the future beyond clock skew. */
function hoursSince(instant: string | null | undefined, nowMs: number): number | null {
  if (instant === null || instant === undefined) return null;
  const ageMs = nowMs - msOf(instant);
  return ageMs < -clockSkewMinutes * minuteMs ? null : Math.max(0, Math.floor(ageMs / hourMs));
}
