import type { ModelFailure } from '@sallyport/evidence';

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
  private last: ModelFailure = 'unavailable';

  /** @param nowMs milliseconds of a clock that the test of a minute need not wait for */
  constructor(private readonly nowMs: () => number) {}

  /**
   * Null where a call may be made, else why not. After the rest exactly one is let through, and its outcome decides for
   * all. An endpoint that refuses our key or our fields does not come back by itself: people read that, not the pause.
   */
  pause(): ModelFailure | null {
    if (this.failures < maxFailures) return null;
    if (this.nowMs() < this.openUntilMs) return this.last === 'misconfigured' ? 'misconfigured' : 'paused';
    this.openUntilMs = this.nowMs() + restMs;
    return null;
  }

  succeeded(): void {
    this.failures = 0;
  }

  failed(why: ModelFailure): void {
    this.last = why;
    this.failures += 1;
    if (this.failures >= maxFailures) this.openUntilMs = this.nowMs() + restMs;
  }
}
