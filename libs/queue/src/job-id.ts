import { type Job, type Stage } from '@sallyport/evidence';

/** BullMQ refuses ':' in queue names and job ids, and plain integers as job ids; '-' joins both. */
export function queueName(stage: Stage): string {
  return `sallyport-${stage}`;
}

/** Deterministic, so that waking twice for one reason is one job as long as the first is still kept. */
export function jobId(job: Job): string {
  return `${job.stage}-${job.caseId}-${job.seq}`;
}
