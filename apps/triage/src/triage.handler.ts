import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import type { Job } from '@sallyport/evidence';
import { FatalError, StageHandler } from '@sallyport/queue';
import { StageRunner } from '@sallyport/stage';
import { templateSummary } from './template-summary';

/** Writes the advice that approvers read. Nothing that decides reads it. */
@Controller()
export class TriageHandler {
  constructor(private readonly stage: StageRunner) {}

  @StageHandler('triage')
  handle(@Payload() job: Job): Promise<void> {
    return this.stage.run(job, async (turn) => {
      const { evidence } = turn.case;
      if (!evidence) throw new FatalError('noEvidence', 'the case has no evidence to summarise');
      await turn.append({
        type: 'triage.written',
        v: 1,
        at: turn.now().toISOString(),
        triage: templateSummary({ ...turn.case, evidence }),
      });
    });
  }
}
