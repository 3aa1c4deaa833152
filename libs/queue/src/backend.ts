import {
  type BackendFactory,
  type ConnectionOptions,
  createPostgresBackend,
  createRedisBackend,
  type IQueueBackend,
  isPgPool,
} from 'bullmq';
import Redis from 'ioredis';
import { Pool } from 'pg';

/** Where the queues live. */
export type QueueBackend = { kind: 'redis'; url: string } | { kind: 'postgres'; url: string };

/** Keys in braces share one slot, which BullMQ's scripts need on a Redis Cluster. Postgres has its schema instead. */
export const redisPrefix = '{sallyport}';

/**
 * BullMQ remembers a first connection to Postgres that failed for good, so a busy machine at boot gets time. Callers
 * do not wait for it: each operation has a limit of its own.
 */
const connectTimeoutMs = 15_000;
/** BullMQ's statements touch a few rows; one that runs longer waits on a lock that somebody forgot. */
const statementTimeoutMs = 15_000;

/**
 * Reads the backend from the environment: Redis where `QUEUE_URL` is set, else Postgres on `DATABASE_URL`.
 * Throws when neither is set or `QUEUE_URL` is not a redis:// or rediss:// URL; the value is not repeated in the
 * message, because it may hold a password.
 */
export function queueBackend(env: {
  QUEUE_URL?: string | undefined;
  DATABASE_URL?: string | undefined;
}): QueueBackend {
  if (env.QUEUE_URL) {
    if (!/^rediss?:\/\//.test(env.QUEUE_URL))
      throw new Error('QUEUE_URL must start with redis:// or rediss://.');
    return { kind: 'redis', url: env.QUEUE_URL };
  }
  if (env.DATABASE_URL) return { kind: 'postgres', url: env.DATABASE_URL };
  throw new Error('No queue backend: set QUEUE_URL (Redis) or DATABASE_URL (Postgres).');
}

/** What BullMQ's classes need to work on a backend. `close` ends what the classes themselves do not own. */
export interface Connection {
  connection: ConnectionOptions;
  factory: BackendFactory<IQueueBackend>;
  close(): Promise<void>;
}

/** One connection (Redis) or one small pool (Postgres) shared by the producers of all stages. */
export function producerConnection(backend: QueueBackend, onError: (error: Error) => void): Connection {
  if (backend.kind === 'redis') {
    // One retry: a wake-up that cannot be written fails soon, and the sweeper repeats it from the case log.
    const redis = new Redis(backend.url, {
      maxRetriesPerRequest: 1,
      connectTimeout: connectTimeoutMs,
      // How long a closed connection may hold the process; ioredis' own 2 s only serve slow servers.
      disconnectTimeout: 500,
    });
    redis.on('error', onError);
    return { connection: redis, factory: createRedisBackend, close: () => quit(redis) };
  }
  const pool = new Pool({ ...postgresOptions(backend.url), max: 4, options: '-c search_path=bullmq' });
  // Every queue listens for errors on the one pool; more than ten of them are no leak.
  pool.setMaxListeners(0);
  pool.on('error', onError);
  // The types of pg's pool and of BullMQ's view of it do not meet; BullMQ's own check joins them.
  if (!isPgPool(pool)) throw new Error('BullMQ does not know this version of the pg pool.');
  const connection = pool;
  return {
    connection: {},
    factory: (name, opts, more) => createPostgresBackend(name, { ...opts, connection }, more),
    close: () => pool.end(),
  };
}

/** Connections of one worker's own: BullMQ blocks on one of them, so they cannot be shared. */
export function workerConnection(backend: QueueBackend): Connection {
  const close = (): Promise<void> => Promise.resolve();
  if (backend.kind === 'redis') {
    // BullMQ demands `null`: a worker waits for its Redis to come back for as long as it takes.
    const connection = { url: backend.url, maxRetriesPerRequest: null, connectTimeout: connectTimeoutMs };
    return { connection, factory: createRedisBackend, close };
  }
  const connection = { ...postgresOptions(backend.url), max: 4 };
  return {
    connection: {},
    factory: (name, opts, more) => createPostgresBackend(name, { ...opts, connection }, more),
    close,
  };
}

function postgresOptions(url: string): {
  connectionString: string;
  connectionTimeoutMillis: number;
  statement_timeout: number;
} {
  return {
    connectionString: url,
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
  };
}

/** `quit` waits for a server that may be gone; then the connection is dropped instead. */
async function quit(redis: Redis): Promise<void> {
  if (redis.status === 'ready') await redis.quit().catch(() => redis.disconnect());
  else redis.disconnect();
}
