import Redis from 'ioredis';
import type { QueueBackend } from './backend';
import type { QueueLogger } from './logger';

/**
 * Warns when a Redis may evict keys under memory pressure: BullMQ's keys belong together, and losing one of them
 * strands jobs until the sweeper repeats them (https://docs.bullmq.io/guide/going-to-production). Only a warning,
 * because the case log survives it and because some managed servers do not tell their policy.
 */
export async function warnOfEviction(backend: QueueBackend, logger: QueueLogger): Promise<void> {
  if (backend.kind !== 'redis') return;
  const redis = new Redis(backend.url, {
    lazyConnect: true,
    retryStrategy: () => null,
    connectTimeout: 5_000,
  });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    const policy = /^maxmemory_policy:(\S+)/m.exec(await redis.info('memory'))?.[1];
    if (policy !== 'noeviction') {
      logger.warn({ policy }, 'Redis may evict queue keys: set maxmemory-policy to noeviction');
    }
  } catch (err) {
    logger.warn({ err }, 'The eviction policy of Redis could not be read');
  } finally {
    if (redis.status !== 'end') redis.disconnect();
  }
}
