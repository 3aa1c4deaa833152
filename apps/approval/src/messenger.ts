import { Inject, Injectable } from '@nestjs/common';
import type { Case } from '@sallyport/case';
import { EffectLedger } from '@sallyport/case-log';
import { type MessageRef, messageRefSchema } from '@sallyport/evidence';
import { effectKey } from '@sallyport/idempotency';
import { type Clock, clockToken, type Logger, loggerToken } from '@sallyport/service';
import { asStageError } from '@sallyport/stage';
import { type AdaptiveCard, ConnectorClient, type MessageTarget } from '@sallyport/teams';
import { cardFor } from './cards';

export const channelToken = Symbol('approvals channel');

/**
 * Posts to Teams through the effect ledger: a message that is known to be delivered is never posted again. Teams
 * cannot be asked what was posted, so after a crash in the middle of a post a second copy may appear; copies are
 * harmless, because a vote counts once per person whichever copy was clicked.
 */
@Injectable()
export class Messenger {
  constructor(
    private readonly connector: ConnectorClient,
    private readonly effects: EffectLedger,
    @Inject(channelToken) private readonly channelId: string,
    @Inject(clockToken) private readonly clock: Clock,
    @Inject(loggerToken) private readonly logger: Logger,
  ) {}

  /** Asks: the channel where a group holds a role, and the manager in a chat where the manager is needed. */
  async postProposal(c: Case): Promise<MessageRef[]> {
    const { proposal, evidence } = c;
    if (!proposal) throw new Error('the case has no proposal to post');
    const roles = proposal.quorum.map((slot) => slot.role);
    const targets: MessageTarget[] = [];
    if (roles.some((role) => role !== 'manager')) targets.push({ channelId: this.channelId });
    const manager = evidence?.manager.state === 'known' ? evidence.manager.value : null;
    if (roles.includes('manager') && manager) targets.push({ userId: manager.id });
    const card = cardFor(c, this.clock());
    const summary = `Approval needed: ${c.opened.ticketNumber}`;
    const posted: MessageRef[] = [];
    for (const target of targets)
      posted.push(await this.post(c, 'proposal', proposal.requestedSeq, target, card, summary));
    return posted;
  }

  /** Tells the channel that a person must look. */
  async postReview(c: Case, card: AdaptiveCard): Promise<MessageRef[]> {
    const summary = `Pending manual review: ${c.opened.ticketNumber}`;
    const seq = c.review?.openedSeq ?? c.seq;
    return [await this.post(c, 'review', seq, { channelId: this.channelId }, card, summary)];
  }

  /** Brings every posted copy up to date. A copy that cannot be reached is repaired when somebody refreshes it. */
  async refresh(c: Case): Promise<void> {
    for (const message of c.proposal?.messages ?? []) {
      try {
        await this.connector.update(message, cardFor(c, this.clock()), `Approval: ${c.opened.ticketNumber}`);
      } catch (error) {
        this.logger.warn(
          { err: error, caseId: c.id },
          'a card could not be updated; it refreshes when looked at',
        );
      }
    }
  }

  private async post(
    c: Case,
    kind: string,
    seq: number,
    target: MessageTarget,
    card: AdaptiveCard,
    summary: string,
  ): Promise<MessageRef> {
    const to = 'channelId' in target ? 'channel' : 'manager';
    const key = effectKey(c.id, `teams-${kind}-${to}`, seq);
    const begun = await this.effects.begin({ key, caseId: c.id, kind: `teams-${kind}`, at: this.now() });
    if (begun.kind === 'done') return messageRefSchema.parse(begun.result);
    try {
      const message = await this.connector.post(target, card, summary);
      await this.effects.finish(key, this.now(), message);
      return message;
    } catch (error) {
      throw asStageError(error);
    }
  }

  private now(): string {
    return this.clock().toISOString();
  }
}
