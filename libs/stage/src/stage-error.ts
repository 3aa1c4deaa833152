import { FatalError, RetryableError } from '@sallyport/queue';

/** What the clients' errors have in common. */
interface OutsideError {
  code: string;
  retryable: boolean;
  retryAfterMs?: number | null;
}

function isOutsideError(error: unknown): error is Error & OutsideError {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    'retryable' in error &&
    typeof error.retryable === 'boolean'
  );
}

/** A client's error as the queue understands it: try again, or give the case to a person. Others pass as they are. */
export function asStageError(error: unknown): unknown {
  if (!isOutsideError(error)) return error;
  const { code, message, retryable, retryAfterMs } = error;
  if (!retryable) return new FatalError(code, message);
  return new RetryableError(code, message, { cause: error, retryAfterMs: retryAfterMs ?? undefined });
}
