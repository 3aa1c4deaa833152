import { Controller, Inject } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { type Case, dueNotice, openReview, quorumObstacle, tally } from '@sallyport/case';
import type { Job, NoticeKind } from '@sallyport/evidence';
import { proposalDigest } from '@sallyport/idempotency';
import { FatalError, StageHandler } from '@sallyport/queue';
import { StageRunner, type Turn } from '@sallyport/stage';
import { answerTime } from './answer-time';
import { type ApprovalConfig, approvalConfigToken } from './config';
import { Messenger, type Posted } from './messenger';
import { Notices } from './notices';
import { ReviewEnds } from './review-ends';
import { ReviewNotices } from './review-notices';

/** Asks the people whom policy names, asks again, counts what they said, and tells Teams where a person must look. */
@Controller()
export class ApprovalHandler {
  constructor(
    private readonly stage: StageRunner,
    private readonly notices: Notices,
    private readonly messenger: Messenger,
    @Inject(approvalConfigToken) private readonly config: ApprovalConfig,
    private readonly reviews: ReviewNotices,
    private readonly reviewEnds: ReviewEnds,
  ) {}

  @StageHandler('approval')
  handle(@Payload() job: Job): Promise<void> {
    return this.stage.run(job, async (turn) => {
      switch (turn.case.phase) {
        case 'asking':
          return this.request(turn);
        case 'posting':
          return this.noticed(turn, 'proposal', await this.notices.ask(turn.case));
        case 'voting':
          return this.timePassed(turn);
        case 'tallied':
          return this.decide(turn, outcomeOf(turn.case));
        case 'reviewOpened':
          return this.noticed(turn, 'review', await this.reviews.tell(turn.case));
        case 'reviewEnded':
          return this.noticed(turn, 'reviewEnded', await this.reviewEnds.tell(turn.case));
        case 'alarmed':
          return this.noticed(turn, 'alarm', await this.notices.alarm(turn.case));
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
    const at = now.toISOString();
    const { quorum } = decision.rulings[plan.action];
    const obstacle = quorumObstacle(turn.case, quorum);
    if (obstacle) {
      const handover = { stage: 'approval', reason: 'quorumUnreachable', detail: obstacle, at } as const;
      await turn.append(openReview(turn.case, handover));
      return;
    }
    await turn.append({
      type: 'approval.requested',
      v: 1,
      at,
      proposalDigest: proposalDigest(evidenceDigest, decisionDigest, plan),
      plan,
      quorum,
      ...answerTime(this.config, now),
    });
  }

  /** Nobody has to do anything for this: the time says what is due. */
  private async timePassed(turn: Turn): Promise<void> {
    const { proposal } = turn.case;
    switch (proposal && dueNotice(proposal, instantOf(turn))) {
      case 'remind':
        return this.noticed(turn, 'reminder', await this.notices.remind(turn.case));
      case 'escalate':
        return this.noticed(turn, 'escalation', await this.notices.escalate(turn.case));
      case 'expire':
        return this.decide(turn, 'expired');
    }
  }

  private async noticed(turn: Turn, kind: NoticeKind, { messages, failure }: Posted): Promise<void> {
    await turn.append({ type: 'notice.posted', v: 1, at: instantOf(turn), kind, messages, failure });
    // Whom it did not reach is told on every copy.
    if (kind === 'proposal' && failure === null) await this.messenger.posted(turn.case);
  }

  private async decide(turn: Turn, outcome: 'approved' | 'denied' | 'expired'): Promise<void> {
    const { proposal } = turn.case;
    if (!proposal) throw new FatalError('noProposal', 'there is nothing to decide');
    await turn.append({
      type: 'approval.decided',
      v: 1,
      at: instantOf(turn),
      proposalDigest: proposal.digest,
      outcome,
    });
    // Not waited for: a slow Teams must not hold up what was decided.
    void this.messenger.refresh(turn.case);
  }
}

/** Now, and never before the case's last event, which a process with a clock a little ahead may have written. */
function instantOf(turn: Turn): string {
  const now = turn.now().toISOString();
  return now < turn.case.updatedAt ? turn.case.updatedAt : now;
}

function outcomeOf(c: Case): 'approved' | 'denied' {
  const outcome = c.proposal ? tally(c.proposal) : 'open';
  if (outcome === 'open') throw new FatalError('notDecided', 'the votes decide nothing yet');
  return outcome;
}
