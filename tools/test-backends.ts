/** Real Postgres and Redis for specs: a database of one's own on a shared or a private server. And a real browser. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type LocalServer, query, redisBinary, startPostgres, startRedis, withRedis } from './local-servers';

export interface TestPostgres {
  /** Superuser URL of a fresh, empty database. */
  ownerUrl: string;
  close(): Promise<void>;
}

export interface TestRedis {
  /** URL of an empty logical database. Use FLUSHDB, not FLUSHALL: with REDIS_TEST_URL the server is shared. */
  url: string;
  close(): Promise<void>;
}

let cluster: Promise<LocalServer> | undefined;
let clusterUsers = 0;

/**
 * A fresh database: on the server of POSTGRES_TEST_URL (a superuser's URL) where that is set, else on an embedded
 * Postgres which all databases of one spec file share. Throws when neither can be had: Postgres is not optional.
 */
export async function testPostgres(): Promise<TestPostgres> {
  const given = process.env['POSTGRES_TEST_URL'];
  clusterUsers += 1;
  cluster ??= given ? Promise.resolve({ url: given, stop: () => Promise.resolve() }) : startPostgres();
  const release = async (server: LocalServer | undefined): Promise<void> => {
    clusterUsers -= 1;
    if (clusterUsers > 0) return;
    cluster = undefined;
    await server?.stop();
  };
  let server: LocalServer | undefined;
  try {
    server = await cluster;
    const { url } = server;
    const name = `sallyport_test_${randomBytes(6).toString('hex')}`;
    await query(url, `CREATE DATABASE ${name}`);
    const ownerUrl = new URL(url);
    ownerUrl.pathname = `/${name}`;
    const close = closingOnce(async () => {
      try {
        await query(url, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      } finally {
        await release(server);
      }
    });
    return { ownerUrl: ownerUrl.href, close };
  } catch (error) {
    await release(server);
    throw error;
  }
}

/**
 * True where {@link testRedis} will give a server, so that a spec can choose its suites before they run. Where there
 * is none it says so on the console, and throws under CI=true: a skipped suite must never look like a passed one.
 */
export function hasTestRedis(): boolean {
  if (process.env['REDIS_TEST_URL'] || redisBinary()) return true;
  const reason = 'REDIS_TEST_URL is unset and there is no redis-server on PATH';
  if (process.env['CI'] === 'true') throw new Error(`Redis suites must run under CI, but ${reason}.`);
  console.warn(`SKIPPED: the Redis suites do not run, because ${reason}.`);
  return false;
}

/** An empty Redis database: on the server of REDIS_TEST_URL where set, else on a private `redis-server`. */
export async function testRedis(): Promise<TestRedis | undefined> {
  if (!hasTestRedis()) return undefined;
  const given = process.env['REDIS_TEST_URL'];
  if (given) return leaseDatabase(given);
  const server = await startRedis();
  return { url: server.url, close: closingOnce(server.stop) };
}

/**
 * One logical database (1 to 15) of a shared server, leased through a key in database 0, so that spec files running
 * at the same time do not empty each other's. A lease left by a killed process ends by itself.
 */
async function leaseDatabase(url: string): Promise<TestRedis> {
  const leaseSeconds = 1_800;
  for (let index = 1; index <= 15; index += 1) {
    const key = `sallyport-test-lease-${index}`;
    const leased = await withRedis(url, (redis) => redis.set(key, process.pid, 'EX', leaseSeconds, 'NX'));
    if (leased !== 'OK') continue;
    const own = new URL(url);
    own.pathname = `/${index}`;
    await withRedis(own.href, (redis) => redis.flushdb());
    const close = closingOnce(async () => {
      await withRedis(own.href, (redis) => redis.flushdb());
      await withRedis(url, (redis) => redis.del(key));
    });
    return { url: own.href, close };
  }
  throw new Error(
    'All 15 test databases of REDIS_TEST_URL are leased; delete sallyport-test-lease-* if none is.',
  );
}

/**
 * The Chromium of CHROMIUM_TEST_PATH, else the first on PATH; none is downloaded. Where there is none it says so on the
 * console, and throws under CI=true.
 */
export function testChromium(): string | undefined {
  const given = process.env['CHROMIUM_TEST_PATH'];
  if (given) return given;
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  const found = names.flatMap((name) => folders.map((folder) => join(folder, name))).find(existsSync);
  if (found) return found;
  const reason = 'CHROMIUM_TEST_PATH is unset and there is no chromium on PATH';
  if (process.env['CI'] === 'true') throw new Error(`Browser suites must run under CI, but ${reason}.`);
  console.warn(`SKIPPED: the suites in a browser do not run, because ${reason}.`);
  return undefined;
}

/** Closing twice is harmless, so that a spec may close in its test and in its `afterAll`. */
function closingOnce(close: () => Promise<void>): () => Promise<void> {
  let closing: Promise<void> | undefined;
  return () => (closing ??= close());
}
