/** A shift: who has been let to vote in it most likely will be again. */
const keptMs = 12 * 3_600_000;
/** More people than hold a role. */
const votersMax = 1_000;

/**
 * Who was lately let to vote but for their own risk, by the directory's word at that moment. It gives no right; it tells
 * whose click is worth a reading that begins before the directory has answered. In memory, because it is personal data.
 */
export class RecentVoters {
  private readonly known = new Map<string, number>();

  add(personId: string, at: Date): void {
    const id = personId.toLowerCase();
    // Put in anew, so that the oldest comes first.
    this.known.delete(id);
    this.known.set(id, at.getTime());
    for (const [oldest] of this.known) {
      if (this.known.size <= votersMax) return;
      this.known.delete(oldest);
    }
  }

  has(personId: string, at: Date): boolean {
    const atMs = this.known.get(personId.toLowerCase());
    return atMs !== undefined && Math.abs(at.getTime() - atMs) <= keptMs;
  }

  forget(personId: string): void {
    this.known.delete(personId.toLowerCase());
  }
}
