import type { Evidence, SignIn } from '@sallyport/evidence';

/** Successful interactive sign-ins that people judge by; null: none among those that were read. */
export interface Successes {
  /** The last one before the wave of risk began; undefined where that is not known, or was before all that is read. */
  before: SignIn | null | undefined;
  /** In an intrusion it may be the intruder's. */
  newest: SignIn | null;
}

/**
 * @param daysRead how far back sign-ins are read
 * @returns null where the sign-ins were not read
 */
export function successesOf(
  { signIns, episode, collectedAt }: Pick<Evidence, 'signIns' | 'episode' | 'collectedAt'>,
  daysRead: number,
): Successes | null {
  if (signIns.state === 'unknown') return null;
  const found = signIns.value
    .filter(({ interactive, errorCode }) => interactive && errorCode === 0)
    .sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0));
  const openedAt = episode.state === 'known' ? episode.value?.openedAt : undefined;
  const before = openedAt === undefined ? undefined : found.find(({ at }) => at < openedAt);
  // Before an episode that is older than what is read there can be none, whatever happened.
  const reaches =
    openedAt !== undefined && Date.parse(openedAt) > Date.parse(collectedAt) - daysRead * 24 * 3_600_000;
  return { before: before ?? (reaches ? null : undefined), newest: found[0] ?? null };
}
