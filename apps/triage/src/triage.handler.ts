import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import type { Job } from '@sallyport/evidence';
import { FatalError, StageHandler } from '@sallyport/queue';
import { StageRunner } from '@sallyport/stage';
import { Advisor } from './advisor';

/** Writes the advice that approvers read. Nothing that decides reads it. */
@Controller()
export class TriageHandler {
  constructor(
    private readonly stage: StageRunner,
    private readonly advisor: Advisor,
  ) {}

  @StageHandler('triage')
  handle(@Payload() job: Job): Promise<void> {
    return this.stage.run(job, async (turn) => {
      const { evidence } = turn.case;
      if (!evidence) throw new FatalError('noEvidence', 'the case has no evidence to summarise');
      // Its last event is the one that made it wait for advice.
      const waitedMs = turn.now().getTime() - Date.parse(turn.case.updatedAt);
      const triage = await this.advisor.advise({ ...turn.case, evidence }, waitedMs);
      await turn.append({ type: 'triage.written', v: 1, at: turn.now().toISOString(), triage });
    });
  }
}
