import { RpcException } from '@nestjs/microservices';

/** A code is stored beside the job and shown to operators, so it is a fixed word and never made from data. */
const codePattern = /^[A-Za-z][A-Za-z0-9._-]{0,63}$/;

/**
 * What may cross a stage boundary as an exception.
 *
 * It extends `RpcException` and is its own payload, because Nest's default RPC exception handler turns every other
 * class into `{status: 'error', message: 'Internal server error'}`, and so would turn a fatal error into a retry.
 */
abstract class StageError extends RpcException {
  readonly code: string;

  constructor(code: string, message: string, options: { cause?: unknown } = {}) {
    super(message);
    if (!codePattern.test(code))
      throw new TypeError('A stage error code is one plain word, at most 64 characters.');
    this.code = code;
    if (options.cause !== undefined) this.cause = options.cause;
  }

  override getError(): StageError {
    return this;
  }
}

/** May go better next time: tried again with backoff until the attempts are used up, then a dead letter. */
export class RetryableError extends StageError {
  override readonly name = 'RetryableError';
  /** The least wait before the next attempt, for example from `Retry-After`. */
  readonly retryAfterMs: number | undefined;

  constructor(
    code: string,
    message: string,
    options: { cause?: unknown; retryAfterMs?: number | undefined } = {},
  ) {
    super(code, message, options);
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** Will never go better: a dead letter at once. */
export class FatalError extends StageError {
  override readonly name = 'FatalError';
}

/** Not an error but patience: what the stage waits for has not happened. Comes back later and costs no attempt. */
export class NotYet extends StageError {
  override readonly name = 'NotYet';
  readonly retryAfterMs: number;

  /** @param reason a code, like those of the errors */
  constructor(reason: string, retryAfterMs: number) {
    super(reason, `Not yet: ${reason}`);
    this.retryAfterMs = retryAfterMs;
  }
}
