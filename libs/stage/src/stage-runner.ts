import { Inject, Injectable } from '@nestjs/common';
import { openReview } from '@sallyport/case';
import { CaseLog, CaseLogDamaged, SequenceConflict } from '@sallyport/case-log';
import type { Job } from '@sallyport/evidence';
import { FatalError, StageQueues } from '@sallyport/queue';
import { type Clock, clockToken, type Logger, loggerToken } from '@sallyport/service';
import { Turn } from './turn';

/**
 * What every stage does around its own work: load the case, see whether it really waits for this stage, let the stage
 * append, and wake whoever is next. A job only says "look"; the case log says what is to be done.
 */
@Injectable()
export class StageRunner {
  constructor(
    private readonly log: CaseLog,
    private readonly queues: StageQueues,
    @Inject(clockToken) private readonly clock: Clock,
    @Inject(loggerToken) private readonly logger: Logger,
  ) {}

  /** @param work appends this stage's event; appending nothing leaves the case where it is */
  async run(job: Job, work: (turn: Turn) => Promise<void>): Promise<void> {
    const loaded = await this.load(job);
    const turn = new Turn(this.log, this.clock, loaded);
    if (turn.due?.stage === job.stage) {
      try {
        await this.take(turn, work);
      } catch (error) {
        if (!(error instanceof SequenceConflict)) throw error;
        this.logger.info({ job }, 'another process moved the case; nothing to do');
        return;
      }
    }
    // Sent also when there was nothing to do: the process before may have died between its append and its wake-up.
    await this.wakeNext(turn);
  }

  private async take(turn: Turn, work: (turn: Turn) => Promise<void>): Promise<void> {
    const { stuck } = turn.case;
    if (turn.case.phase === 'stuck' && stuck) {
      await turn.append(openReview(turn.case, { ...stuck, at: turn.now().toISOString() }));
      return;
    }
    await work(turn);
  }

  /** Wakes the stage that the case now waits for, unless its time has not come. */
  async wakeNext(turn: Turn): Promise<void> {
    const next = turn.due;
    if (!next) return;
    await this.queues.wake({ caseId: turn.case.id, stage: next.stage, seq: turn.case.seq });
  }

  /** Opens a turn outside a job, for a person's click. @returns null for no such case */
  async turnOf(caseId: string): Promise<Turn | null> {
    const loaded = await this.log.load(caseId);
    return loaded && new Turn(this.log, this.clock, loaded);
  }

  private async load(job: Job) {
    try {
      const loaded = await this.log.load(job.caseId);
      if (!loaded) throw new FatalError('noSuchCase', 'the case log has no such case');
      return loaded;
    } catch (error) {
      if (error instanceof CaseLogDamaged) throw new FatalError(error.code, error.message);
      throw error;
    }
  }
}
