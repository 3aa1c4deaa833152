/** Work that is done again and again: one round at a time, a pause after each, and what fails is left to the next. */
export class Rounds {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private ended = false;

  /** @param failed is told of every round that rejects; must not throw */
  constructor(
    private readonly pauseMs: number,
    private readonly round: () => Promise<void>,
    private readonly failed: (error: unknown) => void,
  ) {}

  /** A long round looks at this between its steps. */
  get isEnding(): boolean {
    return this.ended;
  }

  /** The first round comes after a pause. */
  begin(): void {
    this.timer = setTimeout(() => {
      this.running = this.round()
        .catch(this.failed)
        .finally(() => {
          if (!this.ended) this.begin();
        });
    }, this.pauseMs);
  }

  /** No more rounds. @returns once the one that runs is over */
  async end(): Promise<void> {
    this.ended = true;
    clearTimeout(this.timer);
    await this.running;
  }
}
