import { createLogger, errorWithoutData } from './logging';

/** As TypeORM throws it: with the statement and its parameters. */
class QueryFailed extends Error {
  override readonly name = 'QueryFailed';
  readonly code = '23505';
  readonly parameters = ['jane@example.com'];
}

describe('what is logged of an error', () => {
  it('is its kind, message, code, stack and causes, and none of the data that it carries', () => {
    const error = new Error('append failed', { cause: new QueryFailed('duplicate key') });
    const logged = errorWithoutData(error);
    expect(logged).toMatchObject({
      type: 'Error',
      message: 'append failed',
      stack: expect.stringContaining('logging.spec'),
      cause: { type: 'QueryFailed', message: 'duplicate key', code: '23505' },
    });
    expect(JSON.stringify(logged)).not.toContain('jane');
  });

  it('is its text where somebody threw no error', () => {
    expect(errorWithoutData('gone')).toEqual({ message: 'gone' });
  });
});

it('the logger has the levels of pino and can be silent', () => {
  expect(createLogger('sample', 'warn').isLevelEnabled('info')).toBe(false);
  expect(createLogger('sample', 'silent').isLevelEnabled('fatal')).toBe(false);
});
