import { Injectable } from '@nestjs/common';
import type { Case } from '@sallyport/case';
import type { Refusal } from '@sallyport/evidence';
import { parseCardId } from '@sallyport/idempotency';
import { StageRunner, Voting } from '@sallyport/stage';
import { cardAnswer, type InvokeActivity, type InvokeAnswer, messageAnswer } from '@sallyport/teams';
import { Messenger } from './messenger';
import { viewerOf } from './viewer';

/** Refusals after which the person needs to see the card as it is now. */
const showsCard: ReadonlySet<Refusal> = new Set(['staleProposal', 'decided', 'expired']);

const unknownCard = 'This card does not belong to an open case.';

/** What a click in Teams does: looks, votes, or is told why not. */
@Injectable()
export class Clicks {
  constructor(
    private readonly stage: StageRunner,
    private readonly voting: Voting,
    private readonly messenger: Messenger,
  ) {}

  async click(activity: InvokeActivity): Promise<InvokeAnswer> {
    const { verb, voterId, comment, activityId } = activity;
    const card = parseCardId(activity.cardId);
    if (!card) return messageAnswer(unknownCard);
    // Teams refreshes cards by itself when they scroll into view: that never decides anything.
    if (activity.trigger !== 'manual' || verb === 'view') return this.look(activity, card.caseId);
    if (verb !== 'approve' && verb !== 'deny') {
      return messageAnswer('This button is not one of ours. Nothing was recorded.');
    }
    const ballot = { ...card, voterId, choice: verb, comment, channel: 'teams', activityId } as const;
    const result = await this.voting.vote(ballot);
    switch (result.kind) {
      case 'nothingAsked':
        return messageAnswer(unknownCard);
      case 'busy':
        return messageAnswer(result.words);
      case 'refused':
        return showsCard.has(result.refusal) ? this.show(activity, result.case) : messageAnswer(result.words);
      case 'recorded':
        // Others see who has answered. Not waited for: Teams gives a click ten seconds in all. The vote that decides is
        // left to the decision's own refresh, or the two could arrive in the wrong order.
        if (result.case.phase !== 'tallied') void this.messenger.refresh(result.case);
        return this.show(activity, result.case);
      case 'repeated':
        return this.show(activity, result.case);
    }
  }

  private async look(activity: InvokeActivity, caseId: string): Promise<InvokeAnswer> {
    const turn = await this.stage.turnOf(caseId);
    return turn?.case.proposal ? this.show(activity, turn.case) : messageAnswer(unknownCard);
  }

  private show({ conversationId, replyToId, voterId }: InvokeActivity, c: Case): InvokeAnswer {
    const card = this.messenger.card(c, viewerOf(c, voterId, this.messenger.now().toISOString()));
    // A decided card has nothing left to send a look or a click with: the copy that this came from has missed its
    // update. Not waited for.
    if (c.proposal?.outcome && replyToId !== null)
      void this.messenger.repair(c, { conversationId, activityId: replyToId });
    return cardAnswer(card);
  }
}
