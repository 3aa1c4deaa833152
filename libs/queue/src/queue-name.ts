import type { Stage } from '@sallyport/evidence';

/** BullMQ refuses ':' in queue names. */
export function queueName(stage: Stage): string {
  return `sallyport-${stage}`;
}
