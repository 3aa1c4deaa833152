import type { Runtime } from '../retry';

/** One reading for all cases of this process: asked for once by all who wait for it, kept for a while, and then dropped. */
export class SharedOnce<T> {
  private kept: { atMs: number; value: Promise<T> } | null = null;

  constructor(
    private readonly read: () => Promise<T>,
    private readonly keptMs: number,
    private readonly runtime: Runtime,
  ) {}

  /** @throws what the reading throws; that is not kept */
  get(): Promise<T> {
    const now = this.runtime.now().getTime();
    if (this.kept && now - this.kept.atMs < this.keptMs) return this.kept.value;
    const kept = { atMs: now, value: this.read() };
    this.kept = kept;
    const drop = () => {
      if (this.kept === kept) this.kept = null;
    };
    kept.value.then(() => setTimeout(drop, this.keptMs).unref(), drop);
    return kept.value;
  }
}
