import { FatalError, NotYet, RetryableError } from './errors';

/** What a handler's exception means for its job. */
export type Failure =
  | { kind: 'retryable'; code: string; message: string; retryAfterMs: number }
  | { kind: 'fatal'; code: string; message: string }
  | { kind: 'notYet'; code: string; message: string; retryAfterMs: number };

/** Reads a handler's exception. What is not one of our classes may be a passing fault, so it counts as retryable. */
export function failureOf(thrown: unknown): Failure {
  if (thrown instanceof NotYet) {
    const { code, message, retryAfterMs } = thrown;
    return { kind: 'notYet', code, message, retryAfterMs };
  }
  if (thrown instanceof FatalError) return { kind: 'fatal', code: thrown.code, message: thrown.message };
  if (thrown instanceof RetryableError) {
    const { code, message, retryAfterMs = 0 } = thrown;
    return { kind: 'retryable', code, message, retryAfterMs };
  }
  return { kind: 'retryable', code: 'unexpected', message: messageOf(thrown), retryAfterMs: 0 };
}

/** Nest's default handler throws plain `{status, message}` objects, hence the look at the shape. */
function messageOf(thrown: unknown): string {
  if (typeof thrown === 'object' && thrown !== null && 'message' in thrown) return String(thrown.message);
  return String(thrown);
}
