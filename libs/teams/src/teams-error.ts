/**
 * `throttled`: 429. `unavailable`: 412, 5xx, a timeout or a broken connection. `gone`: the bot was removed or
 * blocked, or the message is no longer there. `tooBig`: 413. `rejected`: every other refusal.
 */
export type TeamsErrorKind = 'throttled' | 'unavailable' | 'gone' | 'tooBig' | 'rejected';

export class TeamsError extends Error {
  override readonly name = 'TeamsError';
  readonly kind: TeamsErrorKind;
  readonly status: number | null;
  readonly code: string;
  /** Milliseconds; Teams often sends none. */
  readonly retryAfterMs: number | null;
  /** The message may be there although the answer is not: posting again can make a second copy. */
  readonly maybeDelivered: boolean;
  readonly retryable: boolean;

  constructor(facts: {
    kind: TeamsErrorKind;
    status: number | null;
    code: string;
    retryAfterMs?: number | null;
    maybeDelivered?: boolean;
    cause?: unknown;
  }) {
    super(`${facts.kind}: ${facts.code} (HTTP ${facts.status ?? 'none'})`, { cause: facts.cause });
    this.kind = facts.kind;
    this.status = facts.status;
    this.code = facts.code;
    this.retryAfterMs = facts.retryAfterMs ?? null;
    this.maybeDelivered = facts.maybeDelivered ?? false;
    this.retryable = facts.kind === 'throttled' || facts.kind === 'unavailable';
  }
}
