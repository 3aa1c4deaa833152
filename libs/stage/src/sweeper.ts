import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { CaseLog } from '@sallyport/case-log';
import type { Job, Stage } from '@sallyport/evidence';
import { type DeadLetter, StageQueues } from '@sallyport/queue';
import { type Clock, clockToken, type Logger, loggerToken, Rounds } from '@sallyport/service';
import { DeadLetters } from './dead-letters';

/** How long a case may wait before its wake-up is sent again. Ordinary dispatch takes milliseconds. */
const graceMs = 2_000;

/** Cases per sweep. A larger backlog is the workers' to clear, not ours to re-send. */
const batch = 200;

/** After how many sweeps a job that failed for good is tried once more where nobody could be given its case. */
const sweepsPerRetry = 20;

export interface SweeperOptions {
  stage: Stage;
  intervalMs: number;
}
export const sweeperOptionsToken = Symbol('sweeper options');

/**
 * Finds cases of this stage that nobody works on: wake-ups lost with the queue's store, deadlines that have passed,
 * and failed jobs whose handover was never written. Every replica of every stage sweeps for its own stage; job ids
 * are deterministic, so sweeping twice is a no-op.
 */
@Injectable()
export class Sweeper implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly rounds: Rounds;
  private sweeps = 0;
  private skip = 0;

  constructor(
    @Inject(sweeperOptionsToken) private readonly options: SweeperOptions,
    private readonly log: CaseLog,
    private readonly queues: StageQueues,
    private readonly deadLetters: DeadLetters,
    @Inject(clockToken) private readonly clock: Clock,
    @Inject(loggerToken) private readonly logger: Logger,
  ) {
    this.rounds = new Rounds(
      options.intervalMs,
      () => this.sweep(),
      (error) => logger.warn({ err: error }, 'sweep failed; the next one tries again'),
    );
  }

  onApplicationBootstrap(): void {
    this.rounds.begin();
  }

  onApplicationShutdown(): Promise<void> {
    return this.rounds.end();
  }

  /** One sweep. */
  async sweep(): Promise<void> {
    this.sweeps += 1;
    const { stage } = this.options;
    const dueBefore = new Date(this.clock().getTime() - graceMs);
    const overdue = await this.log.overdue(stage, dueBefore, batch, this.skip);
    // Cases that cannot move must not keep those behind them from being seen.
    this.skip = overdue.length < batch ? 0 : this.skip + batch;
    await Promise.all(overdue.map((head) => this.queues.wake(head)));
    for (const { job, code, attempts } of await this.queues.failedJobs(stage, batch)) {
      if (!job || !overdue.some((head) => head.caseId === job.caseId && head.seq === job.seq)) continue;
      const message = 'its job failed and was found by the sweeper';
      const handedOver = await this.handOver(job, { code, message, attempts });
      if (!handedOver && this.sweeps % sweepsPerRetry === 0) await this.queues.retry(job);
    }
  }

  /** One case that cannot be handed over, for example because its log is damaged, must not keep others from it. */
  private async handOver(job: Job, failure: DeadLetter): Promise<boolean> {
    try {
      return await this.deadLetters.handOver(job, failure);
    } catch (error) {
      this.logger.error({ err: error, job }, 'a failed case could not be handed over');
      return false;
    }
  }
}
