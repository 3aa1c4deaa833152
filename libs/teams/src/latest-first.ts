interface Line {
  running: Promise<void>;
  /** What goes next; a newer one takes its place. */
  next: (() => Promise<void>) | null;
  afterwards: Promise<void> | null;
}

/**
 * One at a time for each key, and only the newest of those that wait: an update that is older than another one has
 * nothing to add, and two on their way at once could arrive in the wrong order.
 */
export class LatestFirst {
  private readonly lines = new Map<string, Line>();

  /** @returns when this one, or the newer one that took its place, has ended; rejects as that one does */
  run(key: string, send: () => Promise<void>): Promise<void> {
    const line = this.lines.get(key);
    if (line === undefined) return this.start(key, send);
    line.next = send;
    line.afterwards ??= line.running.catch(() => undefined).then(() => this.start(key, line.next ?? send));
    return line.afterwards;
  }

  private start(key: string, send: () => Promise<void>): Promise<void> {
    const line: Line = { running: send(), next: null, afterwards: null };
    this.lines.set(key, line);
    const ended = () => {
      if (line.afterwards === null) this.lines.delete(key);
    };
    line.running.then(ended, ended);
    return line.running;
  }
}
