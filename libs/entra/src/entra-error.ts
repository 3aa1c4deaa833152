/**
 * What went wrong with one call to the directory.
 * `throttled`: told to come back later. `unavailable`: no usable answer (network, timeout, 5xx, no token).
 * `forbidden`: 401 or 403. `notFound`: a real "no such thing" of Graph, not a 404 page of something in between.
 * `invalidAnswer`: an answer that is not what Graph documents. `rejected`: every other refusal.
 */
export type EntraErrorKind =
  'throttled' | 'unavailable' | 'forbidden' | 'notFound' | 'invalidAnswer' | 'rejected';

export interface EntraErrorFacts {
  kind: EntraErrorKind;
  /** HTTP status, or null where no answer came. */
  status: number | null;
  /** `error.code` of Graph, or one of our own: `timeout`, `connection`, `tokenRefused`, `wrongShape` … */
  code: string;
  requestId?: string | null;
  retryAfterMs?: number | null;
  /** False only where it is certain that the request never left us. */
  sent?: boolean;
  cause?: unknown;
}

/** Never carries a request body, an answer's message or a token: it is logged and stored. */
export class EntraError extends Error {
  override readonly name = 'EntraError';
  readonly kind: EntraErrorKind;
  readonly status: number | null;
  readonly code: string;
  readonly requestId: string | null;
  /** How long the service asked us to wait, in milliseconds; null where it did not say. */
  readonly retryAfterMs: number | null;
  readonly sent: boolean;
  /** The same call may succeed later. Says nothing about whether a write may be repeated: it may not. */
  readonly retryable: boolean;

  constructor(facts: EntraErrorFacts) {
    super(`${facts.kind}: ${facts.code} (HTTP ${facts.status ?? 'none'})`, { cause: facts.cause });
    this.kind = facts.kind;
    this.status = facts.status;
    this.code = facts.code;
    this.requestId = facts.requestId ?? null;
    this.retryAfterMs = facts.retryAfterMs ?? null;
    this.sent = facts.sent ?? true;
    this.retryable = facts.kind === 'throttled' || facts.kind === 'unavailable';
  }
}
