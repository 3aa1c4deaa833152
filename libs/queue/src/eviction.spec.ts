import Redis from 'ioredis';
import { hasTestRedis, type TestRedis, testRedis } from '../../../tools/test-backends';
import { warnOfEviction } from './eviction';
import { KeptLog } from './test-rig';

jest.setTimeout(60_000);

// The policy belongs to the whole server, so only a private one may be changed.
const changeable = hasTestRedis() && !process.env['REDIS_TEST_URL'];

(changeable ? describe : describe.skip)('a Redis that may evict keys', () => {
  let server: TestRedis | undefined;
  beforeAll(async () => {
    server = await testRedis();
  });
  afterAll(() => server?.close());

  it.each([
    ['noeviction', []],
    ['allkeys-lru', ['Redis may evict queue keys: set maxmemory-policy to noeviction']],
  ])('is warned of: %s', async (policy, warnings) => {
    const url = server?.url ?? '';
    const redis = new Redis(url);
    await redis.config('SET', 'maxmemory-policy', policy);
    redis.disconnect();
    const log = new KeptLog();
    await warnOfEviction({ kind: 'redis', url }, log);
    expect(log.lines).toEqual(warnings);
  });
});
