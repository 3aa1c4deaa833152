import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { GroupMoved } from '@sallyport/case-log';
import type { Job } from '@sallyport/evidence';
import { decisionDigest } from '@sallyport/idempotency';
import { decide } from '@sallyport/policy';
import { FatalError, RetryableError, StageHandler } from '@sallyport/queue';
import { PackInForce, StageRunner, type Turn } from '@sallyport/stage';
import { Groups } from './groups';

/** Each time another case has become the lead in between; a queue of new leads is a fault of ours. */
const joiningAttempts = 5;

/** Decides what may be done, from evidence and rules alone. Talks to nobody. */
@Controller()
export class PolicyHandler {
  constructor(
    private readonly stage: StageRunner,
    private readonly policy: PackInForce,
    private readonly groups: Groups,
  ) {}

  @StageHandler('policy')
  handle(@Payload() job: Job): Promise<void> {
    return this.stage.run(job, (turn) => this.decide(turn));
  }

  private async decide(turn: Turn): Promise<void> {
    const { id, evidence, evidenceDigest } = turn.case;
    if (!evidence || !evidenceDigest)
      throw new FatalError('noEvidence', 'the case has no evidence to decide on');
    const at = turn.now().toISOString();
    const decision = decide(evidence, at, this.policy.pack, evidenceDigest, this.policy.containment);
    const decided = {
      type: 'policy.decided',
      v: 1,
      at,
      decision,
      decisionDigest: decisionDigest(decision),
    } as const;
    for (let attempt = 1; attempt <= joiningAttempts; attempt += 1) {
      const { group, seenLead } = await this.groups.joining(id, decision, at);
      try {
        await turn.append({ ...decided, ...(group && { group }) }, seenLead);
        return;
      } catch (error) {
        if (!(error instanceof GroupMoved)) throw error;
      }
    }
    throw new RetryableError('groupMoved', `the group changed its lead ${joiningAttempts} times`);
  }
}
