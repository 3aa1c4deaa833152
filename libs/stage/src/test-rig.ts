/** For specs only: everything a stage stands on, all of it real, with a clock that passes when a spec says so. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Case } from '@sallyport/case';
import { eventFor, opened, type Step } from '@sallyport/case/testing';
import { CaseLog, caseLogOptions, migrateCaseLog } from '@sallyport/case-log';
import type { CaseEvent, Job, Stage } from '@sallyport/evidence';
import { sampleDigest, sampleInstant } from '@sallyport/evidence/testing';
import {
  type DeadLetter,
  FatalError,
  type QueueBackend,
  runQueueMigrations,
  StageQueues,
  StageTransport,
} from '@sallyport/queue';
import { createLogger, type Logger } from '@sallyport/service';
import Redis from 'ioredis';
import { Client } from 'pg';
import { Registry } from 'prom-client';
import { DataSource } from 'typeorm';
import { hasTestRedis, testPostgres, testRedis } from '../../../tools/test-backends';
import { DeadLetters } from './dead-letters';
import { StageRunner } from './stage-runner';
import { Sweeper } from './sweeper';

export type BackendKind = QueueBackend['kind'];
export const backendKinds: BackendKind[] = hasTestRedis() ? ['redis', 'postgres'] : ['postgres'];

/** After everything that the builders date, before any deadline that they set. */
const startsAt = sampleInstant(60);

/** Real queues, but for one wake-up that a test may ask to fail: the process dies before it is sent. */
export class BreakableQueues extends StageQueues {
  breakNextWake = false;

  override async wake(job: Job): Promise<void> {
    if (this.breakNextWake) {
      this.breakNextWake = false;
      throw new Error('the queue did not answer');
    }
    await super.wake(job);
  }
}

interface QueueStore {
  backend: QueueBackend;
  empty(): Promise<void>;
  close(): Promise<void>;
}

async function redisStore(): Promise<QueueStore> {
  const server = await testRedis();
  if (!server) throw new Error('No Redis, although hasTestRedis() said so.');
  const redis = new Redis(server.url);
  return {
    backend: { kind: 'redis', url: server.url },
    empty: async () => void (await redis.flushdb()),
    close: async () => {
      redis.disconnect();
      await server.close();
    },
  };
}

function postgresStore(url: string, superuser: Client): QueueStore {
  return {
    backend: { kind: 'postgres', url },
    // Table by table: one TRUNCATE of all of them deadlocks with a worker at work.
    empty: async () => {
      const found = await superuser.query<{ tablename: string }>(
        `SELECT tablename FROM pg_tables WHERE schemaname = 'bullmq' AND tablename <> 'migration'`,
      );
      for (const { tablename } of found.rows) await superuser.query(`DELETE FROM bullmq.${tablename}`);
    },
    close: () => Promise.resolve(),
  };
}

export type StageRig = Awaited<ReturnType<typeof openStage>>;

export async function openStage(kind: BackendKind) {
  const postgres = await testPostgres();
  const role = `sallyport_app_${randomBytes(6).toString('hex')}`;
  const appUrl = new URL(postgres.ownerUrl);
  appUrl.username = role;
  appUrl.password = role;
  await migrateCaseLog(postgres.ownerUrl, appUrl.href);
  await runQueueMigrations(postgres.ownerUrl, role);
  const superuser = new Client({ connectionString: postgres.ownerUrl });
  await superuser.connect();
  const store = kind === 'redis' ? await redisStore() : postgresStore(appUrl.href, superuser);
  const db = await new DataSource(caseLogOptions(appUrl.href, 'sallyport-spec')).initialize();
  const logger: Logger = createLogger('spec', 'silent');
  const retry = { attempts: 2, firstDelayMs: 10, maxDelayMs: 20 };
  const queues = new BreakableQueues({ backend: store.backend, logger, retry });
  await queues.ready();

  let now = new Date(startsAt);
  const clock = () => new Date(now);
  const log = new CaseLog(db);
  const runner = new StageRunner(log, queues, clock, logger);
  const deadLetters = new DeadLetters(runner, logger);

  const load = async (caseId: string) => {
    const loaded = await log.load(caseId);
    if (!loaded) throw new Error(`${caseId} is not there.`);
    return loaded;
  };
  const tamper = async (sql: string): Promise<void> => {
    await superuser.query(`BEGIN; SET LOCAL session_replication_role = replica; ${sql}; COMMIT`);
  };

  return {
    databaseUrl: appUrl.href,
    log,
    queues,
    runner,
    deadLetters,
    clock,
    setClock: (instant: string) => void (now = new Date(instant)),
    passMs: (ms: number) => void (now = new Date(now.getTime() + ms)),
    sweeper: (stage: Stage, intervalMs = 60_000) =>
      new Sweeper({ stage, intervalMs }, log, queues, deadLetters, clock, logger),
    /** Writes these events, oldest first, as a case that nobody was woken for. */
    write: async (events: readonly CaseEvent[]): Promise<Case> => {
      const [first, ...rest] = events;
      if (first?.type !== 'case.opened') throw new Error('A case starts with case.opened.');
      await log.open(first, { bodyDigest: sampleDigest(1), receivedAt: first.at });
      let loaded = await load(first.caseId);
      for (const event of rest) loaded = await log.append(loaded, event);
      return loaded.case;
    },
    /** Writes one more case, about nobody yet. */
    writeNew: async (episode: string, ...steps: readonly Step[]): Promise<Case> => {
      const first = { ...opened(episode), messageId: `msg_${episode}` };
      await log.open(first, { bodyDigest: sampleDigest(1), receivedAt: first.at });
      let loaded = await load(first.caseId);
      for (const step of steps) {
        const event = typeof step === 'string' ? eventFor(loaded.case, step) : step(loaded.case);
        loaded = await log.append(loaded, event);
      }
      return loaded.case;
    },
    caseNow: async (caseId: string): Promise<Case> => (await load(caseId)).case,
    eventTypes: async (caseId: string) => (await log.read(caseId)).links.map((link) => link.event.type),
    tamper,
    /** Works on these jobs, really, until each has failed for good. Nobody hands their cases over. */
    fail: async (...jobs: readonly Job[]): Promise<void> => {
      for (const job of jobs) await queues.wake(job);
      for (const stage of new Set(jobs.map((job) => job.stage))) {
        const onDead = (): Promise<never> => Promise.reject(new Error('the database did not answer'));
        const worker = await startWorker(store.backend, stage, logger, onDead, () => {
          throw new FatalError('broken', 'It is broken.');
        });
        await until(async () => {
          const states = await Promise.all(jobs.map((job) => queues.jobState(job)));
          return states.every((state, at) => state === 'failed' || jobs[at]?.stage !== stage);
        });
        await worker.close();
      }
    },
    emptyQueues: store.empty,
    reset: async (): Promise<void> => {
      now = new Date(startsAt);
      await store.empty();
      await tamper(
        'TRUNCATE sallyport.case_head, sallyport.case_event, sallyport.received_message, sallyport.received_click',
      );
    },
    close: async (): Promise<void> => {
      await queues.close();
      await db.destroy();
      await store.close();
      await superuser.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
      await superuser.end();
      await postgres.close();
    },
  };
}

async function startWorker(
  backend: QueueBackend,
  stage: Stage,
  logger: Logger,
  onDead: (job: Job, dead: DeadLetter) => Promise<void>,
  handle: (job: Job) => Promise<void>,
): Promise<StageTransport> {
  const metrics = new Registry();
  const transport = new StageTransport({ stage, backend, concurrency: 4, onDead, logger, metrics });
  transport.addHandler(stage, handle);
  await new Promise<void>((resolve, reject) => {
    transport.listen((error) => (error instanceof Error ? reject(error) : resolve()));
  });
  return transport;
}

/** Waits for something that a store or a timer does in its own time. */
export async function until(done: () => boolean | Promise<boolean>, timeoutMs = 40_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await done())) {
    if (Date.now() > deadline) throw new Error(`Not within ${timeoutMs} ms: ${done.toString()}`);
    await sleep(10);
  }
}
