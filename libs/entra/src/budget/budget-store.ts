import Redis from 'ioredis';
import { Pool } from 'pg';
import {
  RateLimiterMemory,
  RateLimiterPostgres,
  RateLimiterRedis,
  RateLimiterRes,
  type RateLimiterAbstract,
} from 'rate-limiter-flexible';
import { type Budget, type BudgetName, priorities, type Priority } from './budgets';

/** Where budgets are counted: on the store that all replicas and services share, or in this process alone. */
export type BudgetBackend = { kind: 'redis' | 'postgres'; url: string } | { kind: 'memory' };

/** A store that does not answer in this time counts as down: waiting for it would hold a containment. */
const storeTimeoutMs = 1_000;
/** How long a waiting writer is remembered unless it says so again. */
const claimSeconds = 3;
/** Claims are a mark, not a limit. */
const claimsMax = 1_000_000;

/**
 * The library's script with milliseconds instead of whole seconds, as our windows are not whole seconds:
 * ARGV[1] points, ARGV[4] the window in seconds with a fraction. A key without end (a crash between two commands of
 * another version) gets one.
 */
const windowInMs = `
redis.call('set', KEYS[1], 0, 'PX', math.floor(tonumber(ARGV[4]) * 1000), 'NX')
local consumed = redis.call('incrby', KEYS[1], ARGV[1])
local ttl = redis.call('pttl', KEYS[1])
if ttl < 0 then
  ttl = math.floor(tonumber(ARGV[4]) * 1000)
  redis.call('pexpire', KEYS[1], ttl)
end
return {consumed, ttl}`;

type LimiterOptions = { keyPrefix: string; points: number; duration: number };

type Block = (limiter: RateLimiterAbstract, key: string, pauseMs: number) => Promise<unknown>;

/** Counts calls per budget. Holds budget names and application ids, never anything about a person. */
export class BudgetStore {
  private readonly limiters = new Map<string, RateLimiterAbstract>();

  /** @param limiter makes one counter; use {@link BudgetStore.on} */
  constructor(
    private readonly limiter: (options: LimiterOptions) => RateLimiterAbstract,
    readonly close: () => Promise<void>,
    private readonly block: Block = (limiter, key, pauseMs) => limiter.block(key, pauseMs / 1_000),
  ) {}

  /** Connects lazily; a store that is down shows at the first call. */
  static on(backend: BudgetBackend): BudgetStore {
    if (backend.kind === 'memory') {
      return new BudgetStore(
        (options) => new RateLimiterMemory(options),
        () => Promise.resolve(),
      );
    }
    return backend.kind === 'redis' ? redisStore(backend.url) : postgresStore(backend.url);
  }

  /**
   * @returns null where the calls may go out now, else the milliseconds after which asking again makes sense.
   * @throws Error where the store does not answer
   */
  async take(name: BudgetName, key: string, budget: Budget, calls: number): Promise<number | null> {
    const { calls: points, windowMs } = budget;
    const limiter = this.of({ keyPrefix: `take-${name}-${windowMs}`, points, duration: windowMs / 1_000 });
    try {
      await withinTime(limiter.consume(key, Math.min(calls, points)));
      return null;
    } catch (refused) {
      if (refused instanceof RateLimiterRes) return Math.max(refused.msBeforeNext, 1);
      throw refused;
    }
  }

  /** Nobody takes from this budget for so long, or for as long as it is paused already. @throws Error where the store does not answer */
  async pause(name: BudgetName, key: string, budget: Budget, pauseMs: number): Promise<void> {
    const { calls: points, windowMs } = budget;
    const limiter = this.of({ keyPrefix: `take-${name}-${windowMs}`, points, duration: windowMs / 1_000 });
    const now = await withinTime(limiter.get(key));
    if (now && now.consumedPoints > points && now.msBeforeNext >= pauseMs) return;
    await withinTime(this.block(limiter, key, Math.ceil(pauseMs)));
  }

  /** Says that somebody so urgent waits for this budget, so that others of other replicas let it pass. */
  async claim(key: string, priority: Priority): Promise<void> {
    await withinTime(this.claims(priority).consume(key));
  }

  /** Whether somebody more urgent waits for this budget, in whatever replica. */
  async claimedAbove(key: string, priority: Priority): Promise<boolean> {
    const above = priorities.slice(0, priorities.indexOf(priority));
    const found = await Promise.all(above.map((other) => withinTime(this.claims(other).get(key))));
    return found.some((claim) => claim !== null && claim.consumedPoints > 0);
  }

  private claims(priority: Priority): RateLimiterAbstract {
    return this.of({ keyPrefix: `claim-${priority}`, points: claimsMax, duration: claimSeconds });
  }

  private of(options: LimiterOptions): RateLimiterAbstract {
    const known = this.limiters.get(options.keyPrefix);
    if (known) return known;
    const made = this.limiter(options);
    this.limiters.set(options.keyPrefix, made);
    return made;
  }
}

function redisStore(url: string): BudgetStore {
  const redis = new Redis(url, {
    maxRetriesPerRequest: 1,
    connectTimeout: storeTimeoutMs,
    lazyConnect: true,
  });
  // Each command says by itself that it failed.
  redis.on('error', () => undefined);
  return new BudgetStore(
    (options) => {
      // Below a second the library counts without an end, and one call would block the budget for ever.
      if (options.duration < 1) throw new RangeError('Redis counts no window below a second');
      return new RateLimiterRedis({
        ...options,
        keyPrefix: `{sallyport}:graph-budget:${options.keyPrefix}`,
        storeClient: redis,
        customIncrTtlLuaScript: windowInMs,
      });
    },
    () => Promise.resolve(redis.disconnect()),
    // The library's own command for Redis rounds to whole seconds: a pause without a fraction keeps in step with
    // whoever else calls every few seconds, and meets it again each time.
    (limiter, key, pauseMs) => redis.set(limiter.getKey(key), limiter.points + 1, 'PX', pauseMs),
  );
}

function postgresStore(url: string): BudgetStore {
  const pool = new Pool({
    connectionString: url,
    max: 2,
    connectionTimeoutMillis: storeTimeoutMs,
    statement_timeout: storeTimeoutMs,
    allowExitOnIdle: true,
    application_name: 'sallyport-graph-budget',
  });
  pool.on('error', () => undefined);
  return new BudgetStore(
    (options) =>
      new RateLimiterPostgres({
        ...options,
        storeClient: pool,
        storeType: 'pool',
        schemaName: 'sallyport',
        tableName: 'graph_budget',
        // Made by a migration: the services may not create tables.
        tableCreated: true,
        clearExpiredByTimeout: false,
      }),
    () => pool.end(),
  );
}

async function withinTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('the budget store did not answer')), storeTimeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
