import type { Case } from '@sallyport/case';
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

  now(): Date {
    return this.clock();
  }

  /** Appends one event. @throws SequenceConflict, SubjectBusy, IllegalEvent */
  async append(event: CaseEvent): Promise<Case> {
    this.loaded = await this.log.append(this.loaded, event);
    return this.loaded.case;
  }
}
