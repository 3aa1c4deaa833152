import { Inject, Injectable } from '@nestjs/common';
import { castVote, type Refusal, refusals, type Voter } from '@sallyport/case';
import { SequenceConflict } from '@sallyport/case-log';
import { EntraError, MembershipReader } from '@sallyport/entra';
import { parseCardId } from '@sallyport/idempotency';
import { type Logger, loggerToken } from '@sallyport/service';
import { StageRunner, type Turn } from '@sallyport/stage';
import { cardAnswer, type InvokeActivity, type InvokeAnswer, messageAnswer } from '@sallyport/teams';
import { cardFor } from './cards';
import type { ApprovalConfig } from './config';
import { roleGroups } from './config';
import { approvalConfigToken } from './approval.handler';
import { Messenger } from './messenger';

/** Simultaneous clicks on one case: each loses at most against every other approver once. */
const maxConflicts = 10;

/** Refusals after which the person needs to see the card as it is now. */
const showsCard: ReadonlySet<Refusal> = new Set(['staleProposal', 'decided', 'expired']);

const unknownCard = 'This card does not belong to an open case.';
const unverified =
  'Your rights could not be checked just now, so nothing was recorded. Please click again in a minute.';

/** What a click does: looks, votes, or is told why not. The vote is in the log before the answer leaves. */
@Injectable()
export class Voting {
  constructor(
    private readonly stage: StageRunner,
    private readonly people: MembershipReader,
    private readonly messenger: Messenger,
    @Inject(approvalConfigToken) private readonly config: ApprovalConfig,
    @Inject(loggerToken) private readonly logger: Logger,
  ) {}

  async click(activity: InvokeActivity): Promise<InvokeAnswer> {
    const card = parseCardId(activity.cardId);
    const turn = card && (await this.stage.turnOf(card.caseId));
    if (!card || !turn?.case.proposal) return messageAnswer(unknownCard);
    // Teams refreshes cards by itself when they scroll into view: that never decides anything.
    const looksOnly = activity.trigger !== 'manual' || activity.verb === 'view';
    if (looksOnly) return this.show(turn);
    if (activity.verb !== 'approve' && activity.verb !== 'deny') {
      return messageAnswer('This button is not one of ours. Nothing was recorded.');
    }
    const voter = await this.voterOf(activity, turn);
    if (!voter) return messageAnswer(unverified);
    return this.vote(activity, card, turn, voter);
  }

  private async vote(
    activity: InvokeActivity,
    card: { caseId: string; proposalPrefix: string },
    opened: Turn,
    voter: Voter,
  ): Promise<InvokeAnswer> {
    let turn = opened;
    for (let conflicts = 0; conflicts < maxConflicts; conflicts += 1) {
      const result = castVote(turn.case, voter, {
        choice: activity.verb === 'approve' ? 'approve' : 'deny',
        proposalPrefix: card.proposalPrefix,
        comment: activity.comment,
        activityId: activity.activityId,
        at: turn.now().toISOString(),
      });
      if (result.kind === 'refused') return this.refuse(result.refusal, turn, activity);
      if (result.kind === 'repeated') return this.show(turn);
      try {
        await turn.append(result.event);
        await this.wake(turn);
        return this.show(turn);
      } catch (error) {
        if (!(error instanceof SequenceConflict)) throw error;
        const again = await this.stage.turnOf(card.caseId);
        if (!again) return messageAnswer(unknownCard);
        turn = again;
      }
    }
    return messageAnswer('Many people are answering at once. Please click again.');
  }

  private refuse(refusal: Refusal, turn: Turn, activity: InvokeActivity): InvokeAnswer {
    this.logger.info({ caseId: turn.case.id, refusal, voterId: activity.voterId }, 'vote refused');
    return showsCard.has(refusal) && turn.case.proposal ? this.show(turn) : messageAnswer(refusals[refusal]);
  }

  private show(turn: Turn): InvokeAnswer {
    return cardAnswer(cardFor(turn.case, turn.now()));
  }

  /** The vote is stored; a queue that cannot be reached only delays what follows until the next sweep. */
  private async wake(turn: Turn): Promise<void> {
    try {
      await this.stage.wakeNext(turn);
    } catch (error) {
      this.logger.warn({ err: error, caseId: turn.case.id }, 'wake-up not sent; the sweeper will');
    }
    // Others see who has answered. Not waited for: Teams gives a click ten seconds in all. The vote that decides is
    // left to the decision's own refresh, or the two could arrive in the wrong order.
    if (turn.case.phase !== 'tallied') void this.messenger.refresh(turn.case);
  }

  /** @returns null where the directory cannot say who this is now: a vote is never taken unverified */
  private async voterOf({ voterId }: InvokeActivity, turn: Turn): Promise<Voter | null> {
    const { subjectId, id } = turn.case;
    if (!subjectId) return null;
    try {
      const person = await this.people.voter(voterId, roleGroups(this.config), subjectId, [
        id,
        'vote',
        voterId,
      ]);
      return { ...person, name: person.displayName };
    } catch (error) {
      if (!(error instanceof EntraError)) throw error;
      this.logger.warn({ err: error, caseId: id }, 'the voter could not be verified');
      return null;
    }
  }
}
