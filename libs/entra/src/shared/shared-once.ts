import type { Instant } from '@sallyport/evidence';
import type { Runtime } from '../retry';

/** One reading for all cases of this process: asked for once by all who wait for it, kept for a while, and then dropped. */
export class SharedOnce<T> {
  private kept: { atMs: number; value: Promise<T> } | null = null;
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly read: () => Promise<T>,
    private readonly keptMs: number,
    private readonly runtime: Runtime,
  ) {}

  /**
   * @param asOf nothing that was asked for before that is given
   * @throws what the reading throws; that is not kept
   */
  get(asOf: Instant): Promise<T> {
    const now = this.runtime.now().getTime();
    // Another host's clock may be ahead of ours; nothing can be read later than now.
    const neededMs = Math.max(Math.min(Date.parse(asOf), now), now - this.keptMs);
    if (this.kept && this.kept.atMs >= neededMs) return this.kept.value;
    // A reading that began too early ends first: several at once would cost the budget several times.
    const value = this.last.then(this.read, this.read);
    this.last = value;
    const kept = { atMs: now, value };
    this.kept = kept;
    const drop = () => {
      if (this.kept === kept) this.kept = null;
    };
    value.then(() => setTimeout(drop, this.keptMs).unref(), drop);
    return value;
  }
}
