/** For specs only: a real store on each backend, and a real Nest app around a handler. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Controller, type INestMicroservice, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Ctx, type MicroserviceOptions, Payload } from '@nestjs/microservices';
import type { Job, Stage } from '@sallyport/evidence';
import Redis from 'ioredis';
import { Client } from 'pg';
import { Registry } from 'prom-client';
import { hasTestRedis, testPostgres, testRedis } from '../../../tools/test-backends';
import type { QueueBackend } from './backend';
import type { QueueLogger } from './logger';
import { runQueueMigrations } from './migrations';
import { StageContext, StageHandler } from './stage-handler';
import { StageQueues } from './stage-queues';
import type { DeadLetter } from './stage-run';
import { StageTransport, type StageTransportOptions } from './stage-transport';

export type BackendKind = QueueBackend['kind'];
export const backendKinds: BackendKind[] = hasTestRedis() ? ['redis', 'postgres'] : ['postgres'];

/** Fast enough for a test, and still in the order of the real ones. */
export const quickRetry = { attempts: 3, firstDelayMs: 20, maxDelayMs: 40 };
/** Only where workers are to die: on a busy machine a living one may hold a job for longer than this. */
export const quickStalled = { lockDurationMs: 400, checkIntervalMs: 200, maxStalledCount: 3 };

export interface Store {
  backend: QueueBackend;
  /** Everything the store holds, keys and values, as text. */
  dump(): Promise<string>;
  /** Leaves nothing, as FLUSHALL does. */
  empty(): Promise<void>;
  close(): Promise<void>;
}

export function openStore(kind: BackendKind): Promise<Store> {
  return kind === 'redis' ? openRedis() : openPostgres();
}

async function openRedis(): Promise<Store> {
  const server = await testRedis();
  if (!server) throw new Error('No Redis, although hasTestRedis() said so.');
  const redis = new Redis(server.url);
  return {
    backend: { kind: 'redis', url: server.url },
    dump: async () => {
      const keys = await redis.keys('*');
      const entries = await Promise.all(keys.map(async (key) => [key, await readKey(redis, key)]));
      return JSON.stringify(entries);
    },
    empty: async () => void (await redis.flushdb()),
    close: async () => {
      redis.disconnect();
      await server.close();
    },
  };
}

async function readKey(redis: Redis, key: string): Promise<unknown> {
  switch (await redis.type(key)) {
    case 'hash':
      return redis.hgetall(key);
    case 'list':
      return redis.lrange(key, 0, -1);
    case 'set':
      return redis.smembers(key);
    case 'zset':
      return redis.zrange(key, 0, -1);
    case 'stream':
      return redis.xrange(key, '-', '+');
    default:
      return redis.get(key);
  }
}

async function openPostgres(): Promise<Store> {
  const server = await testPostgres();
  const role = `sallyport_app_${randomBytes(6).toString('hex')}`;
  const owner = new Client({ connectionString: server.ownerUrl });
  await owner.connect();
  await owner.query(`CREATE ROLE ${role} LOGIN PASSWORD '${role}'`);
  await runQueueMigrations(server.ownerUrl, role);
  const appUrl = new URL(server.ownerUrl);
  appUrl.username = role;
  appUrl.password = role;
  const tables = async (): Promise<string[]> => {
    const sql = `SELECT tablename FROM pg_tables WHERE schemaname = 'bullmq' AND tablename <> 'migration'`;
    return (await owner.query<{ tablename: string }>(sql)).rows.map((row) => `bullmq.${row.tablename}`);
  };
  return {
    backend: { kind: 'postgres', url: appUrl.href },
    dump: async () => {
      let text = '';
      for (const table of await tables()) text += JSON.stringify((await owner.query(`TABLE ${table}`)).rows);
      return text;
    },
    // Table by table: one TRUNCATE of all of them deadlocks with a worker at work.
    empty: async () => {
      for (const table of await tables()) await owner.query(`DELETE FROM ${table}`);
    },
    close: async () => {
      await owner.query(`DROP OWNED BY ${role}`);
      await owner.query(`DROP ROLE ${role}`);
      await owner.end();
      await server.close();
    },
  };
}

/** Keeps what was logged, so that a test can look at it. */
export class KeptLog implements QueueLogger {
  readonly lines: string[] = [];
  info(_fields: object, message: string): void {
    this.lines.push(message);
  }
  warn(_fields: object, message: string): void {
    this.lines.push(message);
  }
  error(_fields: object, message: string): void {
    this.lines.push(message);
  }
}

export type Handle = (job: Job, context: StageContext) => unknown;

export function controllerFor(stage: Stage, handle: Handle): Type {
  @Controller()
  class StageController {
    @StageHandler(stage)
    handle(@Payload() job: Job, @Ctx() context: StageContext): unknown {
      return handle(job, context);
    }
  }
  return StageController;
}

export interface RunningStage {
  app: INestMicroservice;
  transport: StageTransport;
  registry: Registry;
  log: KeptLog;
  dead: (DeadLetter & { job: Job })[];
  close(): Promise<void>;
}

export type StageOverrides = Partial<StageTransportOptions> & {
  controllers?: Type[];
};

const running = new Set<RunningStage>();

/** For `afterEach`: a test that failed before its `close` must not leave a worker that reconnects for ever. */
export async function closeStages(): Promise<void> {
  await Promise.all([...running].map((stage) => stage.close()));
}

/** A Nest microservice for the stage `policy`, listening. */
export async function startStage(
  backend: QueueBackend,
  handle: Handle,
  overrides: StageOverrides = {},
): Promise<RunningStage> {
  const { controllers, ...options } = overrides;
  const log = new KeptLog();
  const registry = new Registry();
  const dead: RunningStage['dead'] = [];
  const transport = new StageTransport({
    stage: 'policy',
    backend,
    concurrency: 4,
    onDead: async (job, letter) => void dead.push({ job, ...letter }),
    logger: log,
    metrics: registry,
    retry: quickRetry,
    ...options,
  });
  class StageModule {}
  const app = await NestFactory.createMicroservice<MicroserviceOptions>(
    { module: StageModule, controllers: controllers ?? [controllerFor('policy', handle)] },
    { strategy: transport, logger: false, abortOnError: false },
  );
  await app.listen();
  const stage: RunningStage = {
    app,
    transport,
    registry,
    log,
    dead,
    close: () => {
      running.delete(stage);
      return app.close();
    },
  };
  running.add(stage);
  return stage;
}

export function openQueues(backend: QueueBackend): StageQueues {
  return new StageQueues({ backend, logger: new KeptLog(), retry: quickRetry });
}

/** A job that no other test has. */
export function newJob(stage: Stage = 'policy'): Job {
  return { caseId: `case-${randomBytes(16).toString('hex')}`, stage, seq: 1 };
}

/** Waits for something that the store or a worker does in its own time. */
export async function until(done: () => boolean | Promise<boolean>, timeoutMs = 40_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await done())) {
    if (Date.now() > deadline) throw new Error(`Not within ${timeoutMs} ms: ${done.toString()}`);
    await sleep(10);
  }
}
