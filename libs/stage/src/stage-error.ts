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
  const { message, retryable, retryAfterMs } = error;
  const code = plainWord(error.code);
  if (!retryable) return new FatalError(code, message);
  return new RetryableError(code, message, { cause: error, retryAfterMs: retryAfterMs ?? undefined });
}

/** The clients' codes name parts (`fieldIgnored:state`) or are Graph's own; the queue takes one plain word. */
function plainWord(code: string): string {
  const word = code.replace(/^[^A-Za-z]+/, '').replaceAll(/[^A-Za-z0-9._-]+/g, '-');
  return word.slice(0, 64) || 'outsideError';
}
