/** Failures in a row after which the endpoint is left alone. */
const maxFailures = 3;
/** How long. Meanwhile every case has its template at once instead of after the whole budget. */
const restMs = 60_000;

/**
 * Leaves an endpoint alone that does not answer. Only failures of the endpoint count: a refusal or a filtered text is
 * about one case, and whoever writes the text of a ticket must not be able to switch the model off for others.
 */
export class CircuitBreaker {
  private failures = 0;
  private openUntilMs = 0;

  /** @param nowMs milliseconds of a clock that the test of a minute need not wait for */
  constructor(private readonly nowMs: () => number) {}

  /** Whether a call may be made. After the rest exactly one is let through, and its outcome decides for all. */
  admits(): boolean {
    if (this.failures < maxFailures) return true;
    if (this.nowMs() < this.openUntilMs) return false;
    this.openUntilMs = this.nowMs() + restMs;
    return true;
  }

  succeeded(): void {
    this.failures = 0;
  }

  failed(): void {
    this.failures += 1;
    if (this.failures >= maxFailures) this.openUntilMs = this.nowMs() + restMs;
  }
}
