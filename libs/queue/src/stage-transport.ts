import { type MessageHandler, Server } from '@nestjs/microservices';
import type { Job, Stage } from '@sallyport/evidence';
import { type ConnectionOptions, type IQueueBackend, type JobProgress, Worker } from 'bullmq';
import type { Registry } from 'prom-client';
import { lastValueFrom } from 'rxjs';
import { type QueueBackend, redisPrefix, workerConnection } from './backend';
import { warnOfEviction } from './eviction';
import { queueName } from './queue-name';
import { JobMetrics } from './job-metrics';
import type { QueueLogger } from './logger';
import { defaultRetryPolicy, retryDelayMs, type RetryPolicy } from './retry-policy';
import type { StageContext } from './stage-handler';
import { type DeadLetter, type StageJob, StageRun, StoredFailure } from './stage-run';
import { defaultStalledPolicy, type StalledPolicy } from './stalled-policy';
import { within } from './within';

type StageWorker = Worker<Job, void, Stage, IQueueBackend, JobProgress, ConnectionOptions>;

/** Below the 30 s that Kubernetes gives between SIGTERM and SIGKILL. */
export const defaultDrainTimeoutMs = 20_000;
/** What closing the connections may take after that. */
const disconnectTimeoutMs = 3_000;
const readyTimeoutMs = 30_000;

export interface StageTransportOptions {
  stage: Stage;
  backend: QueueBackend;
  /** Jobs at a time. 8 is best on Redis, 4 on Postgres. */
  concurrency: number;
  /**
   * Awaited when a job is fatal or has used up its attempts; writes `review.opened`. May run twice for one job after a
   * crash. If it throws, the job stays failed and the sweeper finds it.
   */
  onDead(job: Job, dead: DeadLetter): Promise<void>;
  logger: QueueLogger;
  metrics: Registry;
  /** What the stage waits for before it takes its first job; others may take them meanwhile. */
  first?: Promise<unknown>;
  retry?: RetryPolicy;
  stalled?: StalledPolicy;
  drainTimeoutMs?: number;
}

/**
 * Nest microservice transport that feeds the one handler of a stage from its BullMQ queue, through Nest's pipes,
 * guards, filters and interceptors. `listen` fails, with every problem at once, unless exactly one message handler is
 * there and it is the stage's.
 */
export class StageTransport extends Server {
  private readonly stageRun: StageRun;
  private readonly problems: string[] = [];
  /** Dead letters that are written outside a run, which a drain waits for too. */
  private readonly lateDeaths = new Set<Promise<void>>();
  private worker: StageWorker | undefined;
  private closing: Promise<void> | undefined;

  constructor(private readonly options: StageTransportOptions) {
    super();
    const { stage, logger } = options;
    this.stageRun = new StageRun({
      stage,
      logger,
      handle: (job, context) => this.handle(job, context),
      onDead: (job, dead) => options.onDead(job, dead),
      metrics: new JobMetrics(options.metrics),
    });
  }

  override addHandler(pattern: unknown, callback: MessageHandler, isEventHandler = false): void {
    const { stage } = this.options;
    const name = typeof pattern === 'string' ? pattern : JSON.stringify(pattern);
    if (isEventHandler) this.problems.push(`"${name}" is an event handler, use @StageHandler`);
    else if (name !== stage) this.problems.push(`"${name}" is not the stage of this app`);
    else if (this.messageHandlers.has(name)) this.problems.push(`"${name}" has a second handler`);
    else super.addHandler(pattern, callback, isEventHandler);
  }

  /** Calls back without arguments once the worker is ready to take jobs, or with the error that prevents it. */
  override listen(callback: (error?: unknown) => void): void {
    this.start().then(
      () => callback(),
      (error: unknown) => callback(error),
    );
  }

  /** Takes no new jobs and waits for the running ones, for a bounded time; those left over stall and are taken over. */
  override close(): Promise<void> {
    this.closing ??= this.drain();
    return this.closing;
  }

  override on(event: string): never {
    throw new Error(`The stage transport has no event "${event}"; its metrics and log tell what happens.`);
  }

  override unwrap<T = StageWorker | undefined>(): T {
    return this.worker as T;
  }

  private async start(): Promise<void> {
    const { stage, backend, logger, first = Promise.resolve() } = this.options;
    const problems = [...this.problems];
    if (!this.messageHandlers.has(stage)) problems.push(`"${stage}" has no handler`);
    if (problems.length > 0) throw new Error(`Stage ${stage} cannot start: ${problems.join('; ')}.`);

    const worker = this.openWorker();
    this.worker = worker;
    try {
      await within(worker.waitUntilReady(), readyTimeoutMs, 'Connecting to the queue');
    } catch (error) {
      await worker.close(true);
      throw error;
    }
    await warnOfEviction(backend, logger);
    // Not awaited: whoever has to be told why it waits must be able to ask. A worker that was closed runs no more.
    first
      .then(() => worker.run())
      .catch((err: unknown) => logger.error({ err, stage }, 'The queue worker stopped'));
  }

  private openWorker(): StageWorker {
    const { stage, backend, logger, concurrency } = this.options;
    const { stalled = defaultStalledPolicy, retry = defaultRetryPolicy } = this.options;
    const { connection, factory } = workerConnection(backend);
    const worker: StageWorker = new Worker(
      queueName(stage),
      (job: StageJob, token?: string) => this.stageRun.run(job, token),
      {
        connection,
        prefix: redisPrefix,
        autorun: false,
        concurrency,
        lockDuration: stalled.lockDurationMs,
        stalledInterval: stalled.checkIntervalMs,
        maxStalledCount: stalled.maxStalledCount,
        settings: {
          backoffStrategy: (failures, _type, error) => {
            const retryAfterMs = error instanceof StoredFailure ? error.retryAfterMs : 0;
            return retryDelayMs(retry, failures, retryAfterMs, Math.random());
          },
        },
      },
      factory,
    );
    worker.on('error', (err) => logger.warn({ err, stage }, 'The queue worker reported an error'));
    worker.on('stalled', (id) => logger.warn({ stage, jobId: id }, 'A job lost its worker and waits again'));
    worker.on('failed', (job) => {
      if (!job?.deferredFailure) return;
      const death = this.stageRun.buryStalled(job).finally(() => this.lateDeaths.delete(death));
      this.lateDeaths.add(death);
    });
    return worker;
  }

  private async handle(job: Job, context: StageContext): Promise<void> {
    const handler = this.getHandlerByPattern(job.stage);
    if (!handler) throw new Error(`"${job.stage}" has no handler`);
    await lastValueFrom(this.transformToObservable(handler(job, context)), { defaultValue: undefined });
  }

  private async drain(): Promise<void> {
    const { worker } = this;
    if (!worker) return;
    const { stage, logger, drainTimeoutMs = defaultDrainTimeoutMs } = this.options;
    try {
      // Not by hand: only BullMQ knows of a job that it has claimed and not yet begun.
      const drained = worker.close().then(() => Promise.all(this.lateDeaths));
      await within(drained, drainTimeoutMs, 'Draining');
    } catch (err) {
      logger.warn({ err, stage }, 'The drain ended before its jobs did; another worker takes them over');
      // Without its connections the worker renews no lock, which is what lets another one take over.
      await within(worker.disconnect(), disconnectTimeoutMs, 'Cutting off the queue worker').catch(
        (late: unknown) => logger.warn({ err: late, stage }, 'The queue worker could not be cut off in time'),
      );
    }
  }
}
