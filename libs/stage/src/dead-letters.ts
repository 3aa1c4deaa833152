import { Inject, Injectable } from '@nestjs/common';
import { type Case, nextStage, openReview } from '@sallyport/case';
import { CaseLog, SequenceConflict } from '@sallyport/case-log';
import type { CaseEvent, Job } from '@sallyport/evidence';
import type { DeadLetter } from '@sallyport/queue';
import { type Clock, clockToken, type Logger, loggerToken } from '@sallyport/service';
import { StageRunner } from './stage-runner';

/** Gives a case whose stage failed for good to a person. The job itself stays, for operators to see. */
@Injectable()
export class DeadLetters {
  constructor(
    private readonly log: CaseLog,
    private readonly runner: StageRunner,
    @Inject(clockToken) private readonly clock: Clock,
    @Inject(loggerToken) private readonly logger: Logger,
  ) {}

  /** @returns whether the case was handed over; false: it has moved on, or only the ticket write is left */
  async handOver(job: Job, failure: DeadLetter): Promise<boolean> {
    const turn = await this.runner.turnOf(job.caseId);
    const event = turn && this.handoverOf(turn.case, job, failure);
    if (!turn || !event) return false;
    this.logger.warn({ job, code: failure.code }, 'stage gave up; case goes to manual review');
    try {
      await turn.append(event);
    } catch (error) {
      if (error instanceof SequenceConflict) return false;
      throw error;
    }
    await this.runner.wakeNext(turn);
    return true;
  }

  private handoverOf(c: Case, job: Job, failure: DeadLetter): CaseEvent | null {
    const at = this.clock().toISOString();
    if (nextStage(c)?.stage !== job.stage) return null;
    if (c.phase === 'reviewOpened') {
      // Teams cannot be told that a person must look. The ticket still can: go on, and let the ticket say so.
      return { type: 'notice.posted', v: 1, at, kind: 'review', messages: [], failure: failure.code };
    }
    // The case is with a person already and only the ticket write is left: the sweeper retries that job, slowly.
    if (c.phase === 'reviewPosted') return null;
    const detail = `The ${job.stage} stage gave up after ${failure.attempts} attempts: ${failure.message} (${failure.code}).`;
    return openReview(c, { stage: job.stage, reason: 'stageFailed', detail, at });
  }
}
