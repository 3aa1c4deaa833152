import { activityKeptMs } from '@sallyport/idempotency';
import { createHash } from 'node:crypto';
import type { InvokeActivity } from './activity';

/** More than one a second for all of the time that they are kept; more than people click, and 2 MB. */
const activitiesMax = 10_000;

/**
 * Tells a click that comes again from one that somebody has changed. A token does not cover the body, so that whoever
 * has one could send another body with it; under an id that was seen, that is refused. The same click again is Teams
 * repeating itself after a lost answer: it passes, for whoever comes next to show it the card as it is. This is the first
 * line, in this process; the approval stage remembers clicks for all processes, before it does anything for one.
 */
export class SeenActivities {
  private readonly seen = new Map<string, { digest: string; atMs: number }>();

  constructor(private readonly clock: () => Date) {}

  isFirstOrSame(activity: InvokeActivity): boolean {
    const nowMs = this.clock().getTime();
    this.forgetOld(nowMs);
    const digest = createHash('sha256').update(JSON.stringify(activity)).digest('base64');
    const before = this.seen.get(activity.activityId);
    if (before) return before.digest === digest;
    this.seen.set(activity.activityId, { digest, atMs: nowMs });
    return true;
  }

  /** Oldest first, as they were put in. */
  private forgetOld(nowMs: number): void {
    for (const [id, { atMs }] of this.seen) {
      if (nowMs - atMs < activityKeptMs && this.seen.size < activitiesMax) return;
      this.seen.delete(id);
    }
  }
}
