/** The queue in memory, with BullMQ's meaning as libs/queue uses it: an id that waits, runs or has failed is not added again. */
import type { Job, Stage } from '@sallyport/evidence';
import { jobIdFor } from '@sallyport/idempotency';
import { defaultRetryPolicy, type FailedJob } from '@sallyport/queue';
import { failureOf } from '../../libs/queue/src/failure';
import { maxStarts, notYetDelayMs, retryDelayMs } from '../../libs/queue/src/retry-policy';
import { type Fate, mustLive } from './life';

export interface QueuedJob {
  job: Job;
  /** Attempts that have failed. */
  failures: number;
  starts: number;
  notBeforeMs: number;
  /** Set where it has failed for good: its code. */
  failed: string | null;
}

export class MemoryQueue {
  readonly jobs = new Map<string, QueuedJob>();

  constructor(private readonly now: () => { fate: Fate; queue: MemoryQueue }) {}

  /** What {@link StageQueues.wake} does, on the queue of the play under way. */
  async wake(job: Job): Promise<void> {
    const { fate, queue } = this.now();
    await fate.point('commit', `wake ${job.stage}`, () => queue.add(job));
  }

  add({ caseId, stage, seq }: Job): void {
    const job = { caseId, stage, seq };
    const id = jobIdFor(job);
    if (!this.jobs.has(id)) this.jobs.set(id, { job, failures: 0, starts: 0, notBeforeMs: 0, failed: null });
  }

  async failedJobs(stage: Stage): Promise<FailedJob[]> {
    mustLive();
    return [...this.now().queue.jobs.values()]
      .filter(({ job, failed }) => job.stage === stage && failed !== null)
      .map(({ job, failed, failures }) => ({
        jobId: jobIdFor(job),
        job,
        code: failed ?? '',
        attempts: failures,
        failedAt: new Date(0),
      }));
  }

  async retry(job: Job): Promise<void> {
    const { queue } = this.now();
    if (queue.jobs.get(jobIdFor(job))?.failed) queue.jobs.delete(jobIdFor(job));
    await this.wake(job);
  }

  /** The job that is to run next, or null while all wait. @param last a stage whose turn comes when no other's has */
  next(nowMs: number, last?: Stage): QueuedJob | null {
    const due = [...this.jobs.values()].filter(
      (queued) => queued.failed === null && queued.notBeforeMs <= nowMs,
    );
    const rank = ({ job }: QueuedJob) => Number(job.stage === last);
    return due.sort((a, b) => rank(a) - rank(b) || a.notBeforeMs - b.notBeforeMs)[0] ?? null;
  }

  /** This job and all others of its stage that could run now. */
  dueLike({ job: { stage } }: QueuedJob, nowMs: number): QueuedJob[] {
    return [...this.jobs.values()].filter(
      ({ job, failed, notBeforeMs }) => job.stage === stage && failed === null && notBeforeMs <= nowMs,
    );
  }

  nextAtMs(): number | null {
    const times = [...this.jobs.values()].filter(({ failed }) => failed === null).map((q) => q.notBeforeMs);
    return times.length > 0 ? Math.min(...times) : null;
  }

  completed({ job }: QueuedJob): void {
    this.jobs.delete(jobIdFor(job));
  }

  /** What libs/queue does with what a handler threw. @returns why the job is dead, or null where it comes again */
  threw(queued: QueuedJob, error: unknown, nowMs: number) {
    const failure = failureOf(error);
    if (failure.kind === 'notYet' && queued.starts < maxStarts) {
      queued.notBeforeMs = nowMs + notYetDelayMs(failure.retryAfterMs);
      return null;
    }
    queued.failures += 1;
    if (failure.kind === 'retryable' && queued.failures < defaultRetryPolicy.attempts) {
      queued.notBeforeMs =
        nowMs + retryDelayMs(defaultRetryPolicy, queued.failures, failure.retryAfterMs, 0.5);
      return null;
    }
    queued.failed = failure.code;
    return { code: failure.code, message: failure.message, attempts: queued.failures };
  }
}
