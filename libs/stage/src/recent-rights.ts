import { ClickLimit } from './click-limit';

/** How old the rights may be that a page is made by. A hint: what somebody does there is judged by a reading of its own. */
const keptMs = 15_000;
/** Pages of one person per minute for which the directory is asked: more than anybody reads. */
const readingsMax = 60;
/** More people at the same time than look at cases. */
const peopleMax = 1_000;

/**
 * Keeps those who look from using up what those who vote need: a page that is opened again and again asks the directory
 * once in a while, and one person's pages together only so often. In memory, and for seconds, because it is personal data.
 */
export class RecentRights<T> {
  private readonly limit = new ClickLimit(readingsMax);
  private readonly known = new Map<string, { atMs: number; rights: Promise<T | null> }>();

  /** @returns null where it could not be read, or this person has had too many pages made */
  of(caseId: string, personId: string, at: Date, ask: () => Promise<T | null>): Promise<T | null> {
    const key = `${caseId} ${personId.toLowerCase()}`;
    const atMs = at.getTime();
    this.forgetOld(atMs);
    const known = this.known.get(key);
    if (known) return known.rights;
    const rights = this.limit.takes(personId).then((takes) => (takes ? ask() : null));
    this.known.set(key, { atMs, rights });
    // What could not be read is asked for again, unless that is on its way already.
    const forget = () => {
      if (this.known.get(key)?.rights === rights) this.known.delete(key);
    };
    rights.then((read) => read === null && forget(), forget);
    return rights;
  }

  /** Oldest first, as they were put in. A clock that was set back keeps nothing. */
  private forgetOld(nowMs: number): void {
    for (const [key, { atMs }] of this.known) {
      const ageMs = nowMs - atMs;
      if (ageMs >= 0 && ageMs < keptMs && this.known.size < peopleMax) return;
      this.known.delete(key);
    }
  }
}
