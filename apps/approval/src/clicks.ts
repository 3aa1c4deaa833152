import { Injectable } from '@nestjs/common';
import type { Case, Proposal } from '@sallyport/case';
import { ReceivedActivities } from '@sallyport/case-log';
import type { Refusal } from '@sallyport/evidence';
import { activityDigest, activityKey, cardId, parseCardId } from '@sallyport/idempotency';
import { StageRunner, Voting } from '@sallyport/stage';
import {
  cardAnswer,
  GateRefusal,
  type InvokeActivity,
  type InvokeAnswer,
  messageAnswer,
} from '@sallyport/teams';
import type { ClickOutcome } from './click-meter';
import { Copies } from './copies';
import { Messenger } from './messenger';
import { viewerOf } from './viewer';

/** Refusals after which the person needs to see the card as it is now. */
const showsCard: ReadonlySet<Refusal> = new Set(['staleProposal', 'decided', 'expired']);

export const unknownCard = 'This card does not belong to an open case.';
const notRecorded = 'Your click was not recorded. Please click again.';

/** What is sent back, and what became of it. */
export interface Answered {
  answer: InvokeAnswer;
  outcome: ClickOutcome;
}

/** In words, to whoever clicked alone. */
const told = (outcome: ClickOutcome, words: string): Answered => ({ answer: messageAnswer(words), outcome });

/** What a click in Teams does: looks, votes, or is told why not. */
@Injectable()
export class Clicks {
  constructor(
    private readonly stage: StageRunner,
    private readonly voting: Voting,
    private readonly messenger: Messenger,
    private readonly received: ReceivedActivities,
    private readonly copies: Copies,
  ) {}

  /** @throws GateRefusal for another click under an id that was seen */
  async click(activity: InvokeActivity): Promise<Answered> {
    const { verb, voterId, comment, activityId } = activity;
    const card = parseCardId(activity.cardId);
    const c = card && (await this.stage.turnOf(card.caseId))?.case;
    // Whoever can name a case has not been shown its card: the id follows from what a ticket says in the open, the digest
    // does not. Everybody else is told what they would be told of a case that is not there.
    if (!card || !c || !(await this.copies.asked(c, card.proposalPrefix))) {
      return told('unknownCard', unknownCard);
    }
    // Teams refreshes cards by itself when they scroll into view: that never decides anything.
    if (activity.trigger !== 'manual' || verb === 'view') return this.look(activity, c);
    if (verb !== 'approve' && verb !== 'deny') {
      return told('unknownVerb', 'This button is not one of ours. Nothing was recorded.');
    }
    // What came before changes nothing, whichever process had it, and whatever became of it: a click that was refused
    // then must not become a vote now. Teams repeats one whose answer was lost: it gets the card as it is, or is told that
    // nothing came of it.
    switch (await this.receive(activity, card.caseId)) {
      case 'noCase':
        return told('unknownCard', unknownCard);
      case 'changed':
        throw new GateRefusal('activityChanged', 403, 'the same id, but not the same click');
      case 'same':
        return this.again(activity, c.id);
      case 'first':
    }
    const ballot = { ...card, voterId, choice: verb, comment, channel: 'teams', activityId } as const;
    const result = await this.voting.vote(ballot);
    switch (result.kind) {
      case 'nothingAsked':
        return told('unknownCard', unknownCard);
      case 'busy':
        return told('busy', result.words);
      case 'refused':
        return showsCard.has(result.refusal)
          ? this.show(activity, result.case, result.refusal)
          : told(result.refusal, result.words);
      case 'recorded':
        // Others see who has answered. Not waited for: Teams gives a click ten seconds in all. The vote that decides is
        // left to the decision's own refresh, or the two could arrive in the wrong order.
        if (result.case.phase !== 'tallied') void this.messenger.refresh(result.case);
        return this.show(activity, result.case, 'recorded');
      case 'repeated':
        return this.show(activity, result.case, 'repeated');
    }
  }

  private receive(activity: InvokeActivity, caseId: string) {
    const { activityId, ...said } = activity;
    const at = this.messenger.now().toISOString();
    const key = activityKey('teams', activityId);
    return this.received.receive({ key, bodyDigest: activityDigest(said), caseId, at });
  }

  /** Whoever clicked would wait for a vote that nobody has: of one that was refused, or that we died with. */
  private async again(activity: InvokeActivity, caseId: string): Promise<Answered> {
    const c = (await this.stage.turnOf(caseId))?.case;
    if (!c) return told('unknownCard', unknownCard);
    const { proposal } = c;
    const asks = proposal && cardId(c.id, proposal.digest) === activity.cardId && isOpen(c, proposal);
    const said = viewerOf(c, activity.voterId, this.messenger.now().toISOString());
    return asks && !said ? told('notRecorded', notRecorded) : this.look(activity, c);
  }

  private look(activity: InvokeActivity, c: Case): Answered {
    this.voting.expect(c, activity.voterId, this.messenger.now());
    if (c.proposal) return this.show(activity, c, 'shown');
    this.repairIfStale(activity, c);
    return told('unknownCard', unknownCard);
  }

  private show(activity: InvokeActivity, c: Case, outcome: ClickOutcome): Answered {
    const anew = activity.trigger === 'manual' && activity.verb === 'view';
    const viewer = viewerOf(c, activity.voterId, this.messenger.now().toISOString(), anew);
    const card = this.messenger.card(c, viewer);
    this.repairIfStale(activity, c);
    return { answer: cardAnswer(card), outcome };
  }

  /**
   * A card whose question is closed has nothing left to send a look or a click with: the copy that this came from has
   * missed its update. Not waited for.
   */
  private repairIfStale({ conversationId, replyToId, cardId: shown }: InvokeActivity, c: Case): void {
    const { proposal } = c;
    const current = proposal !== null && cardId(c.id, proposal.digest) === shown;
    if (replyToId === null || (current && isOpen(c, proposal))) return;
    void this.copies.repair(c, { conversationId, activityId: replyToId });
  }
}

const isOpen = ({ phase }: Case, { outcome }: Proposal): boolean =>
  outcome === null && (phase === 'posting' || phase === 'voting' || phase === 'tallied');
