import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import type { Job } from '@sallyport/evidence';
import { decisionDigest } from '@sallyport/idempotency';
import { decide } from '@sallyport/policy';
import { FatalError, StageHandler } from '@sallyport/queue';
import { PackInForce, StageRunner } from '@sallyport/stage';

/** Decides what may be done, from evidence and rules alone. Talks to nobody. */
@Controller()
export class PolicyHandler {
  constructor(
    private readonly stage: StageRunner,
    private readonly policy: PackInForce,
  ) {}

  @StageHandler('policy')
  handle(@Payload() job: Job): Promise<void> {
    return this.stage.run(job, async (turn) => {
      const { evidence, evidenceDigest } = turn.case;
      if (!evidence || !evidenceDigest)
        throw new FatalError('noEvidence', 'the case has no evidence to decide on');
      const at = turn.now().toISOString();
      const decision = decide(evidence, at, this.policy.pack, evidenceDigest);
      await turn.append({
        type: 'policy.decided',
        v: 1,
        at,
        decision,
        decisionDigest: decisionDigest(decision),
      });
    });
  }
}
