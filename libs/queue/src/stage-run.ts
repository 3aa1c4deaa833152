import { type Job, jobSchema, type Stage } from '@sallyport/evidence';
import { DelayedError, type Job as BullJob, UnrecoverableError } from 'bullmq';
import { type Failure, failureOf } from './failure';
import type { JobMetrics, JobResult } from './job-metrics';
import type { QueueLogger } from './logger';
import { maxStarts, notYetDelayMs } from './retry-policy';
import { StageContext } from './stage-handler';

export type StageJob = BullJob<Job, void, Stage>;

/** Why a job is dead. The message is for the review and may hold text from outside; the code is a fixed word. */
export interface DeadLetter {
  code: string;
  message: string;
  attempts: number;
}

/** What BullMQ stores of a failure: the code, never the message. */
export class StoredFailure extends Error {
  constructor(
    code: string,
    readonly retryAfterMs: number,
  ) {
    super(code);
  }
}

export interface StageRunOptions {
  stage: Stage;
  handle(job: Job, context: StageContext): Promise<void>;
  onDead(job: Job, dead: DeadLetter): Promise<void>;
  logger: QueueLogger;
  metrics: JobMetrics;
}

/** Runs jobs of one stage and says to BullMQ, by what it throws, what becomes of each. */
export class StageRun {
  constructor(private readonly options: StageRunOptions) {}

  /** BullMQ's processor: resolves when the job is done; nothing is returned, so nothing is stored. */
  async run(bullJob: StageJob, token: string | undefined): Promise<void> {
    const { stage, logger, handle, metrics } = this.options;
    const startedMs = performance.now();
    const record = (result: JobResult): void => metrics.record(stage, result, performance.now() - startedMs);

    const parsed = jobSchema.safeParse(bullJob.data);
    if (!parsed.success || parsed.data.stage !== stage) {
      // Nobody to open a review for: the sweeper finds the case by its head, and the job by its state.
      logger.error({ stage, jobId: bullJob.id }, 'The queue held something that is no job of this stage');
      record('invalid');
      throw new UnrecoverableError('invalidJob');
    }
    const job = parsed.data;
    const attempt = bullJob.attemptsMade + 1;
    let failure: Failure;
    try {
      await handle(job, new StageContext([attempt, bullJob.id ?? '']));
      record('completed');
      return;
    } catch (thrown) {
      failure = failureOf(thrown);
      const fields = { stage, caseId: job.caseId, seq: job.seq, attempt, code: failure.code };
      if (failure.kind === 'notYet') logger.info(fields, 'The stage waits');
      else logger.warn({ ...fields, err: thrown }, 'The stage failed');
    }

    if (failure.kind === 'notYet' && bullJob.attemptsStarted < maxStarts) {
      await bullJob.moveToDelayed(Date.now() + notYetDelayMs(failure.retryAfterMs), token);
      record('notYet');
      throw new DelayedError();
    }
    if (failure.kind === 'retryable' && attempt < (bullJob.opts.attempts ?? 1)) {
      record('retried');
      throw new StoredFailure(failure.code, failure.retryAfterMs);
    }
    await this.bury(job, { code: failure.code, message: failure.message, attempts: attempt });
    record('dead');
    throw new UnrecoverableError(failure.code);
  }

  /** The dead letter of a job that lost its worker too often: BullMQ fails such a job without running it. */
  async buryStalled(bullJob: StageJob): Promise<void> {
    const parsed = jobSchema.safeParse(bullJob.data);
    if (!parsed.success) return;
    const message = 'The job lost its worker more often than is allowed.';
    await this.bury(parsed.data, { code: 'stalled', message, attempts: bullJob.attemptsMade });
    this.options.metrics.record(this.options.stage, 'dead', 0);
  }

  private async bury(job: Job, dead: DeadLetter): Promise<void> {
    const { logger, onDead } = this.options;
    const fields = { stage: job.stage, caseId: job.caseId, seq: job.seq, code: dead.code };
    try {
      await onDead(job, dead);
      logger.error({ ...fields, attempts: dead.attempts }, 'The job is dead and goes to a person');
    } catch (err) {
      logger.error({ ...fields, err }, 'The job is dead and its review could not be opened');
    }
  }
}
