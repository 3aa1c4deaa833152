import { EntraError } from '@sallyport/entra';
import { FatalError, RetryableError } from '@sallyport/queue';
import { ServiceNowError } from '@sallyport/servicenow';
import { TeamsError } from '@sallyport/teams';
import { asStageError } from './stage-error';

/** What a client of an outside system throws. */
class OutsideFailure extends Error {
  readonly code = 'graphThrottled';
  constructor(
    readonly retryable: boolean,
    readonly retryAfterMs?: number | null,
  ) {
    super('Graph said 429.');
  }
}

describe('what a stage makes of an outside error', () => {
  it.each([
    [undefined, undefined],
    [null, undefined],
    [7_000, 7_000],
  ])('that may pass, with a wait of %s: try again', (given, expected) => {
    const failure = new OutsideFailure(true, given);
    const error = asStageError(failure);
    expect(error).toBeInstanceOf(RetryableError);
    expect(error).toMatchObject({ code: 'graphThrottled', message: 'Graph said 429.', cause: failure });
    expect(error).toHaveProperty('retryAfterMs', expected);
  });

  it('that will not pass: a person', () => {
    const error = asStageError(new OutsideFailure(false));
    expect(error).toBeInstanceOf(FatalError);
    expect(error).toMatchObject({ code: 'graphThrottled', message: 'Graph said 429.' });
  });

  const status = null;
  it.each([
    [new EntraError({ kind: 'unavailable', status, code: 'timeout' }), RetryableError, 'timeout'],
    [
      new EntraError({ kind: 'rejected', status, code: 'Request_BadRequest' }),
      FatalError,
      'Request_BadRequest',
    ],
    [new EntraError({ kind: 'rejected', status, code: '' }), FatalError, 'outsideError'],
    [new EntraError({ kind: 'throttled', status, code: '429 <b>slow</b>' }), RetryableError, 'b-slow-b-'],
    [new EntraError({ kind: 'rejected', status, code: 'x'.repeat(999) }), FatalError, 'x'.repeat(64)],
    [
      new ServiceNowError({ kind: 'rejected', status, code: 'fieldIgnored:state' }),
      FatalError,
      'fieldIgnored-state',
    ],
    [new TeamsError({ kind: 'throttled', status, code: 'http429' }), RetryableError, 'http429'],
  ])('of a client gets a code that the queue takes: %s', (failure, kind, code) => {
    const error = asStageError(failure);
    expect(error).toBeInstanceOf(kind);
    expect(error).toMatchObject({ code, message: failure.message });
  });

  it.each([
    ['one of the queue’s own', new FatalError('chainBroken', 'x')],
    ['one that does not say whether it passes', Object.assign(new Error('x'), { code: 'ECONNRESET' })],
    ['no Error', { code: 'graphThrottled', retryable: true }],
    ['nothing', undefined],
  ])('passes on %s as it is', (_title, error) => {
    expect(asStageError(error)).toBe(error);
  });
});
