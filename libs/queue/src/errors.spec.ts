import { FatalError, NotYet, RetryableError } from './errors';
import { failureOf } from './failure';

describe('what a handler throws', () => {
  it('keeps code, message, cause and the wait it asks for', () => {
    const cause = new Error('socket hang up');
    const error = new RetryableError('graphThrottled', 'Graph said 429', { cause, retryAfterMs: 9_000 });
    expect(error.cause).toBe(cause);
    expect(failureOf(error)).toEqual({
      kind: 'retryable',
      code: 'graphThrottled',
      message: 'Graph said 429',
      retryAfterMs: 9_000,
    });
  });

  it('tells fatal and not yet apart', () => {
    expect(failureOf(new FatalError('chainBroken', 'The chain is broken'))).toMatchObject({ kind: 'fatal' });
    expect(failureOf(new NotYet('riskProcessing', 2_000))).toMatchObject({
      kind: 'notYet',
      code: 'riskProcessing',
    });
  });

  it.each([
    [new TypeError('x is undefined')],
    [{ status: 'error', message: 'Internal server error' }],
    ['text'],
    [null],
  ])('counts what it does not know as retryable: %p', (thrown) => {
    expect(failureOf(thrown)).toMatchObject({ kind: 'retryable', code: 'unexpected' });
  });

  it.each(['', 'jane@example.com failed', 'a b', 'x'.repeat(65)])(
    'refuses a code made from data: "%s"',
    (code) => {
      expect(() => new FatalError(code, 'message')).toThrow(TypeError);
    },
  );
});
