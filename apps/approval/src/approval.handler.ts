import { Controller, Inject } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { type Case, tally } from '@sallyport/case';
import type { Job, MessageRef } from '@sallyport/evidence';
import { proposalDigest } from '@sallyport/idempotency';
import { FatalError, StageHandler } from '@sallyport/queue';
import { StageRunner, type Turn } from '@sallyport/stage';
import { reviewCard } from './cards';
import type { ApprovalConfig } from './config';
import { Messenger } from './messenger';

export const approvalConfigToken = Symbol('approval config');

/** Asks the people whom policy names, counts what they said, and tells Teams where a person must look. */
@Controller()
export class ApprovalHandler {
  constructor(
    private readonly stage: StageRunner,
    private readonly messenger: Messenger,
    @Inject(approvalConfigToken) private readonly config: ApprovalConfig,
  ) {}

  @StageHandler('approval')
  handle(@Payload() job: Job): Promise<void> {
    return this.stage.run(job, async (turn) => {
      switch (turn.case.phase) {
        case 'asking':
          return this.request(turn);
        case 'posting':
          return this.noticed(turn, 'proposal', await this.messenger.postProposal(turn.case));
        case 'voting':
          return this.decide(turn, 'expired');
        case 'tallied':
          return this.decide(turn, outcomeOf(turn.case));
        case 'reviewOpened':
          return this.noticed(
            turn,
            'review',
            await this.messenger.postReview(turn.case, reviewCard(turn.case)),
          );
        default:
          throw new FatalError(
            'wrongPhase',
            `the approval stage has nothing to do in phase ${turn.case.phase}`,
          );
      }
    });
  }

  /** Fixes whom to ask, about what exactly, and until when, before anybody is asked. */
  private async request(turn: Turn): Promise<void> {
    const { decision, evidenceDigest, decisionDigest } = turn.case;
    const plan = decision?.proposed;
    if (!decision || !plan || !evidenceDigest || !decisionDigest) {
      throw new FatalError('nothingProposed', 'the decision proposes no plan');
    }
    const now = turn.now();
    await turn.append({
      type: 'approval.requested',
      v: 1,
      at: now.toISOString(),
      proposalDigest: proposalDigest(evidenceDigest, decisionDigest, plan),
      plan,
      quorum: decision.rulings[plan.action].quorum,
      expiresAt: new Date(now.getTime() + this.config.APPROVAL_TTL_MINUTES * 60_000).toISOString(),
    });
  }

  private async noticed(turn: Turn, kind: 'proposal' | 'review', messages: MessageRef[]): Promise<void> {
    await turn.append({
      type: 'notice.posted',
      v: 1,
      at: turn.now().toISOString(),
      kind,
      messages,
      failure: null,
    });
  }

  private async decide(turn: Turn, outcome: 'approved' | 'denied' | 'expired'): Promise<void> {
    const { proposal } = turn.case;
    if (!proposal) throw new FatalError('noProposal', 'there is nothing to decide');
    await turn.append({
      type: 'approval.decided',
      v: 1,
      at: turn.now().toISOString(),
      proposalDigest: proposal.digest,
      outcome,
    });
    // Not waited for: a slow Teams must not hold up what was decided.
    void this.messenger.refresh(turn.case);
  }
}

function outcomeOf(c: Case): 'approved' | 'denied' {
  const outcome = c.proposal ? tally(c.proposal) : 'open';
  if (outcome === 'open') throw new FatalError('notDecided', 'the votes decide nothing yet');
  return outcome;
}
