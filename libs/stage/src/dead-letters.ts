import { Inject, Injectable } from '@nestjs/common';
import { dueNotice, noteFailureWords, openReview } from '@sallyport/case';
import { SequenceConflict } from '@sallyport/case-log';
import type { CaseEvent, Job } from '@sallyport/evidence';
import { effectKey } from '@sallyport/idempotency';
import type { DeadLetter } from '@sallyport/queue';
import { type Logger, loggerToken } from '@sallyport/service';
import { StageRunner } from './stage-runner';
import type { Turn } from './turn';

/** Gives a case whose stage failed for good to a person. The job itself stays, for operators to see. */
@Injectable()
export class DeadLetters {
  constructor(
    private readonly runner: StageRunner,
    @Inject(loggerToken) private readonly logger: Logger,
  ) {}

  /** @returns whether the case was handed over; false: it has moved on, or only the ticket write is left */
  async handOver(job: Job, failure: DeadLetter): Promise<boolean> {
    const turn = await this.runner.turnOf(job.caseId);
    const event = turn && handoverOf(turn, job, failure);
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
}

function handoverOf(turn: Turn, job: Job, failure: DeadLetter): CaseEvent | null {
  const c = turn.case;
  const at = turn.now().toISOString();
  // Also null while people have time to vote: whatever that job failed at is behind the case.
  if (turn.due?.stage !== job.stage) return null;
  if (c.phase === 'reviewOpened') {
    // A dead letter may come twice; one from before the review says nothing about the notice of it.
    if (c.review && job.seq < c.review.openedSeq) return null;
    // Teams cannot be told that a person must look. The ticket still can: go on, and let the ticket say so.
    return { type: 'notice.posted', v: 1, at, kind: 'review', messages: [], failure: failure.code };
  }
  if (c.phase === 'reviewEnded') {
    // The person's word stands, and the ticket can still be told.
    if (job.seq !== c.seq) return null;
    return { type: 'notice.posted', v: 1, at, kind: 'reviewEnded', messages: [], failure: failure.code };
  }
  if (c.phase === 'alarmed') {
    // What was to be done at once is done: the ticket can still be told, and says that Teams was not.
    if (job.seq !== c.seq) return null;
    return { type: 'notice.posted', v: 1, at, kind: 'alarm', messages: [], failure: failure.code };
  }
  if (c.phase === 'watchOpened') {
    // The account is released already: it is watched, whether or not the ticket says so.
    if (job.seq !== c.seq) return null;
    const key = effectKey(c.id, 'ticket-watch', c.seq);
    return { type: 'ticket.updated', v: 1, at, key, purpose: 'watch', modCount: 0, failure: failure.code };
  }
  const due = c.phase === 'voting' && c.proposal && dueNotice(c.proposal, at);
  if (due === 'remind' || due === 'escalate') {
    // A reminder that could not be sent takes nobody's vote away: the question stays open, and says so.
    if (job.seq !== c.seq) return null;
    const kind = due === 'remind' ? 'reminder' : 'escalation';
    return { type: 'notice.posted', v: 1, at, kind, messages: [], failure: `${kind}:${failure.code}` };
  }
  // A person has the case, or has decided about it, and only the ticket write is left: the sweeper retries it, slowly.
  if (c.phase === 'reviewPosted' || c.phase === 'reviewEndPosted') return null;
  // Why a person must look was found before this job failed, and tells them more than its failure.
  if (c.stuck) return openReview(c, { ...c.stuck, at });
  const why = job.stage === 'audit' ? noteFailureWords(failure.code) : failure.code;
  const detail = `The ${job.stage} stage gave up after ${failure.attempts} attempts (${why}). Its log has the cause.`;
  return openReview(c, { stage: job.stage, reason: 'stageFailed', detail, at });
}
