import type { Evidence, SignIn } from '@sallyport/evidence';

/** Successful interactive sign-ins that people judge by; null: none among those that were read. */
export interface Successes {
  /** The last one before the wave of risk began; undefined where it is not known when that was. */
  before: SignIn | null | undefined;
  /** In an intrusion it may be the intruder's. */
  newest: SignIn | null;
}

/** @returns null where the sign-ins were not read */
export function successesOf({ signIns, episode }: Pick<Evidence, 'signIns' | 'episode'>): Successes | null {
  if (signIns.state === 'unknown') return null;
  const found = signIns.value
    .filter(({ interactive, errorCode }) => interactive && errorCode === 0)
    .sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0));
  const openedAt = episode.state === 'known' ? episode.value?.openedAt : undefined;
  const before = openedAt === undefined ? undefined : (found.find(({ at }) => at < openedAt) ?? null);
  return { before, newest: found[0] ?? null };
}
