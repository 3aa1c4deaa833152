import type { Execution } from '@sallyport/case';
import type { EventOf } from '@sallyport/evidence';

/** How long an account is watched after its release. */
export class WatchTime {
  /** @param durationMs 0: not at all */
  constructor(private readonly durationMs: number) {}

  /** Only a release that is proven leaves anything to watch. */
  after(
    { slot, plan }: Execution,
    result: EventOf<'execution.completed'>['result'],
    now: Date,
  ): Pick<EventOf<'execution.completed'>, 'watchUntil'> {
    const released = slot === 'proposed' && plan.action === 'release' && result === 'done';
    if (!released || this.durationMs <= 0) return {};
    return { watchUntil: new Date(now.getTime() + this.durationMs).toISOString() };
  }
}
