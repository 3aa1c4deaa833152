import { type Job, jobSchema, type Stage, stages } from '@sallyport/evidence';
import { type ConnectionOptions, type IQueueBackend, Queue } from 'bullmq';
import { type Connection, producerConnection, type QueueBackend, redisPrefix } from './backend';
import { warnOfEviction } from './eviction';
import { jobIdFor } from '@sallyport/idempotency';
import { queueName } from './queue-name';
import type { QueueLogger } from './logger';
import { defaultRetryPolicy, type RetryPolicy } from './retry-policy';
import { within } from './within';

/** BullMQ's queue of one stage. */
export type StageQueue = Queue<Job, void, Stage, Job, void, Stage, IQueueBackend, ConnectionOptions>;

/** `missing`: never sent, completed (completed jobs are forgotten at once), or lost with its store. */
export type QueuedJobState = 'waiting' | 'delayed' | 'active' | 'failed' | 'missing';

export interface QueueCounts {
  waiting: number;
  delayed: number;
  active: number;
  failed: number;
}

export interface FailedJob {
  jobId: string;
  /** Undefined when what is stored is no job: somebody else wrote into the store. */
  job: Job | undefined;
  /** The code of the last error. */
  code: string;
  attempts: number;
  failedAt: Date;
}

export interface StageQueuesOptions {
  backend: QueueBackend;
  logger: QueueLogger;
  retry?: RetryPolicy;
}

/** A failed job is only the visible trace of a review in the case log; the newest thousand are enough to look at. */
const keptFailedJobs = 1_000;
/** Events serve dashboards that watch live; nothing here replays them. */
const keptEvents = 1_000;
/** Callers hold an HTTP request or a job's lock, both of which give more time than this. */
const operationTimeoutMs = 5_000;
const readyTimeoutMs = 30_000;

/** The producing side: wakes stages and looks at their jobs. One per process. */
export class StageQueues {
  private readonly connection: Connection;
  private readonly queues: Record<Stage, StageQueue>;
  private readonly retryPolicy: RetryPolicy;
  private closing: Promise<void> | undefined;

  constructor(private readonly options: StageQueuesOptions) {
    this.retryPolicy = options.retry ?? defaultRetryPolicy;
    this.connection = producerConnection(options.backend, (err) =>
      options.logger.warn({ err }, 'The queue connection failed'),
    );
    const open = (stage: Stage): StageQueue => this.open(stage);
    this.queues = {
      context: open('context'),
      policy: open('policy'),
      triage: open('triage'),
      approval: open('approval'),
      executor: open('executor'),
      audit: open('audit'),
    };
  }

  /**
   * Resolves once every queue can be used; await it at boot. Throws within 30 s when not, for example for want of
   * migrations. Then end the process: BullMQ remembers a failed first connection to Postgres for good.
   */
  async ready(): Promise<void> {
    const ready = Promise.all(stages.map((stage) => this.queues[stage].waitUntilReady()));
    await within(ready, readyTimeoutMs, 'Connecting to the queue');
    await warnOfEviction(this.options.backend, this.options.logger);
  }

  /**
   * Wakes a stage for a case. A job of the same id that still waits, runs or has failed makes this a no-op. Throws
   * within 5 s when the store cannot be reached; the case head is the outbox, so the sweeper repeats it.
   */
  async wake(job: Job): Promise<void> {
    // Parsed again, so that a wider object cannot carry anything else into the store.
    const triple = jobSchema.parse(job);
    const added = this.queues[triple.stage].add(triple.stage, triple, {
      jobId: jobIdFor(triple),
      attempts: this.retryPolicy.attempts,
      // The worker computes the wait, because it knows what the failure asked for.
      backoff: { type: 'stage' },
      removeOnComplete: true,
      removeOnFail: { count: keptFailedJobs },
      // Stack traces hold messages, and messages may hold names: the store gets neither.
      stackTraceLimit: 0,
    });
    await within(added, operationTimeoutMs, `Waking ${triple.stage}`);
  }

  async jobState(job: Job): Promise<QueuedJobState> {
    const asked = this.queues[job.stage].getJobState(jobIdFor(job));
    const state = await within(asked, operationTimeoutMs, 'Reading a job');
    switch (state) {
      case 'waiting':
      case 'delayed':
      case 'active':
      case 'failed':
        return state;
      case 'prioritized':
      case 'waiting-children':
        return 'waiting';
      case 'completed':
      case 'unknown':
        return 'missing';
    }
  }

  /**
   * Sends a failed job again with all its attempts. A job that is missing is sent anew; one that waits or runs is left
   * alone. Removal and sending are two steps: a crash between them leaves a missing job, which the sweeper repeats.
   */
  async retry(job: Job): Promise<void> {
    if ((await this.jobState(job)) === 'failed') {
      await within(this.queues[job.stage].remove(jobIdFor(job)), operationTimeoutMs, 'Removing a failed job');
    }
    await this.wake(job);
  }

  /** The newest failed jobs of a stage. */
  async failedJobs(stage: Stage, limit: number): Promise<FailedJob[]> {
    const bounded = Math.min(Math.max(Math.trunc(limit), 1), keptFailedJobs);
    const failed = await within(
      this.queues[stage].getFailed(0, bounded - 1),
      operationTimeoutMs,
      'Reading failed jobs',
    );
    return failed.map((found) => ({
      jobId: found.id ?? '',
      job: jobSchema.safeParse(found.data).data,
      code: found.failedReason,
      attempts: found.attemptsMade,
      failedAt: new Date(found.finishedOn ?? found.timestamp),
    }));
  }

  /** Answers as soon as the store does. For readiness. */
  async ping(): Promise<void> {
    await within(this.queues.context.getJobCounts('waiting'), operationTimeoutMs, 'Asking the queue');
  }

  async counts(): Promise<Record<Stage, QueueCounts>> {
    const [context, policy, triage, approval, executor, audit] = await within(
      Promise.all([
        this.stageCounts('context'),
        this.stageCounts('policy'),
        this.stageCounts('triage'),
        this.stageCounts('approval'),
        this.stageCounts('executor'),
        this.stageCounts('audit'),
      ]),
      operationTimeoutMs,
      'Counting jobs',
    );
    return { context, policy, triage, approval, executor, audit };
  }

  /** The queue itself, for Bull Board. */
  queue(stage: Stage): Queue {
    // BullMQ's type of a bare `Queue` names the Redis backend; Bull Board works on both.
    return this.queues[stage] as Queue;
  }

  close(): Promise<void> {
    this.closing ??= (async () => {
      await Promise.all(stages.map((stage) => this.queues[stage].close()));
      await this.connection.close();
    })();
    return this.closing;
  }

  private open(stage: Stage): StageQueue {
    const { connection, factory } = this.connection;
    const queue: StageQueue = new Queue(
      queueName(stage),
      { connection, prefix: redisPrefix, streams: { events: { maxLen: keptEvents } } },
      factory,
    );
    // The shared connection reports its errors once; without a listener here BullMQ would print each six times.
    queue.on('error', () => undefined);
    return queue;
  }

  private async stageCounts(stage: Stage): Promise<QueueCounts> {
    const counts = await this.queues[stage].getJobCounts('waiting', 'delayed', 'active', 'failed');
    const { waiting = 0, delayed = 0, active = 0, failed = 0 } = counts;
    return { waiting, delayed, active, failed };
  }
}
