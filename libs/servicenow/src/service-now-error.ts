/**
 * `unavailable`: no usable answer, such as a network error, a timeout, 5xx, or the page of a hibernating instance.
 * `notFound`: absent, or hidden by an ACL: ServiceNow does not tell which. `rejected`: refused, or silently not
 * written. `invalidAnswer`: JSON that is not what the Table API documents.
 */
export type ServiceNowErrorKind =
  'throttled' | 'unavailable' | 'forbidden' | 'notFound' | 'invalidAnswer' | 'rejected';

export interface ServiceNowErrorFacts {
  kind: ServiceNowErrorKind;
  status: number | null;
  /** Stable: `timeout`, `connection`, `notJson`, `http403`, `fieldIgnored:state` … */
  code: string;
  retryAfterMs?: number | null;
  cause?: unknown;
}

/** Never carries an answer's text, a note or a token. */
export class ServiceNowError extends Error {
  override readonly name = 'ServiceNowError';
  readonly kind: ServiceNowErrorKind;
  readonly status: number | null;
  readonly code: string;
  /** Milliseconds that the instance asked us to wait; null where it did not say. */
  readonly retryAfterMs: number | null;
  readonly retryable: boolean;

  constructor(facts: ServiceNowErrorFacts) {
    super(`${facts.kind}: ${facts.code} (HTTP ${facts.status ?? 'none'})`, { cause: facts.cause });
    this.kind = facts.kind;
    this.status = facts.status;
    this.code = facts.code;
    this.retryAfterMs = facts.retryAfterMs ?? null;
    this.retryable = facts.kind === 'throttled' || facts.kind === 'unavailable';
  }
}
