import { type Case, type Next, nextStage } from '@sallyport/case';
import type { CaseLog, LoadedCase } from '@sallyport/case-log';
import type { CaseEvent } from '@sallyport/evidence';
import type { Clock } from '@sallyport/service';

/**
 * One stage's turn with one case: the case as it stands, and the only way to move it. Appending fails with
 * `SequenceConflict` as soon as somebody else has moved the case, so a stage that was paused can do nothing.
 */
export class Turn {
  constructor(
    private readonly log: CaseLog,
    private readonly clock: Clock,
    private loaded: LoadedCase,
  ) {}

  get case(): Case {
    return this.loaded.case;
  }

  /**
   * Who is to act now; null while only time or a person can move the case. Its last event is past even where this
   * clock is a little behind that of the process which wrote it.
   */
  get due(): Next | null {
    const next = nextStage(this.case);
    if (!next) return null;
    return next.dueAt <= this.case.updatedAt || next.dueAt <= this.clock().toISOString() ? next : null;
  }

  now(): Date {
    return this.clock();
  }

  /**
   * Appends one event.
   * @param seenLead of an event that joins a group: who led it when it was read
   * @throws SequenceConflict, SubjectBusy, GroupMoved, IllegalEvent
   */
  async append(event: CaseEvent, seenLead: string | null = null): Promise<Case> {
    this.loaded = await this.log.append(this.loaded, event, seenLead);
    return this.loaded.case;
  }
}
