import pc from 'picocolors';

/** Tells people who wait what is going on: one line that rewrites itself on a terminal, plain lines elsewhere. */
export class Progress {
  private readonly started = Date.now();
  private readonly live = process.stdout.isTTY === true;

  say(message: string): void {
    const seconds = `${((Date.now() - this.started) / 1_000).toFixed(1)} s`.padStart(7);
    const line = `${pc.dim(seconds)}  ${message}`;
    if (this.live) process.stdout.write(`\r\u001b[2K${line.slice(0, (process.stdout.columns ?? 100) + 8)}`);
    else console.log(line);
  }

  clear(): void {
    if (this.live) process.stdout.write('\r\u001b[2K');
  }
}
