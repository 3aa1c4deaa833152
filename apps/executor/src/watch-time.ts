import { type Execution, leavesToWatch } from '@sallyport/case';
import type { EventOf } from '@sallyport/evidence';

/** How long an account is watched after its release. */
export class WatchTime {
  /** @param durationMs 0: not at all */
  constructor(private readonly durationMs: number) {}

  after(
    execution: Execution,
    result: EventOf<'execution.completed'>['result'],
    now: Date,
  ): Pick<EventOf<'execution.completed'>, 'watchUntil'> {
    if (!leavesToWatch(execution, result) || this.durationMs <= 0) return {};
    return { watchUntil: new Date(now.getTime() + this.durationMs).toISOString() };
  }
}
