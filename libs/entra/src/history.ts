import type { Device, Instant, SignIn } from '@sallyport/evidence';

/**
 * Marks each sign-in by whether its device and its network were this user's before the episode. "Before" is the whole
 * point: what an intruder brought counts as unknown to us, however often it succeeded since.
 *
 * @param signIns of one user in the window
 * @param devices null where they could not be read
 * @param openedAt when the episode began; null where there is none or it is not known, and then nothing is told
 */
export function withHistory(
  signIns: readonly SignIn[],
  devices: readonly Device[] | null,
  openedAt: Instant | null,
): SignIn[] {
  if (openedAt === null) return [...signIns];
  const before = signIns.filter(
    // What a person did: a stolen token is renewed from wherever its thief is, with success.
    ({ at, errorCode, interactive }) => interactive && errorCode === 0 && at < openedAt,
  );
  const usedDevices = idsOf(before.map(({ deviceId }) => deviceId));
  const usedAddresses = idsOf(before.map(({ ip }) => ip));
  return signIns.map((signIn) => ({
    ...signIn,
    knownDevice: knownDevice(signIn.deviceId, usedDevices, devices, openedAt),
    // Without any history a new address is no news.
    knownNetwork: signIn.ip === null || before.length === 0 ? null : usedAddresses.has(signIn.ip),
  }));
}

function knownDevice(
  deviceId: string | null,
  used: ReadonlySet<string>,
  devices: readonly Device[] | null,
  openedAt: Instant,
): boolean | null {
  if (deviceId === null) return null;
  if (used.has(deviceId)) return true;
  if (devices === null) return null;
  const enrolled = devices.find((device) => device.deviceId === deviceId);
  if (!enrolled) return false;
  return enrolled.registeredAt === null ? null : enrolled.registeredAt < openedAt;
}

const idsOf = (ids: readonly (string | null)[]): ReadonlySet<string> =>
  new Set(ids.filter((id) => id !== null));
