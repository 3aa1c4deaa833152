import { queueBackend } from './backend';

describe('queueBackend', () => {
  it.each(['redis://localhost:6379', 'rediss://localhost:6380'])('takes %s for Redis', (url) => {
    expect(queueBackend({ QUEUE_URL: url, DATABASE_URL: 'postgres://db' })).toEqual({ kind: 'redis', url });
  });

  it('takes Postgres where no QUEUE_URL is set', () => {
    expect(queueBackend({ DATABASE_URL: 'postgres://db' })).toEqual({
      kind: 'postgres',
      url: 'postgres://db',
    });
  });

  it('names both variables when neither is set', () => {
    expect(() => queueBackend({ QUEUE_URL: '' })).toThrow(/QUEUE_URL.*DATABASE_URL/);
  });

  it('does not repeat a wrong QUEUE_URL, which may hold a password', () => {
    const wrong = (): unknown => queueBackend({ QUEUE_URL: 'http://user:secret@host' });
    expect(wrong).toThrow(/redis:\/\/ or rediss:\/\//);
    expect(wrong).not.toThrow(/secret/);
  });
});
