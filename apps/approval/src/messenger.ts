import { Inject, Injectable } from '@nestjs/common';
import type { Case } from '@sallyport/case';
import { EffectLedger } from '@sallyport/case-log';
import type { MessageRef } from '@sallyport/evidence';
import { FatalError } from '@sallyport/queue';
import { type Clock, clockToken, type Logger, loggerToken } from '@sallyport/service';
import { type AdaptiveCard, ConnectorClient, markedAsCopy, type Viewer } from '@sallyport/teams';
import { cardFor } from './cards';
import { type ApprovalConfig, approvalConfigToken } from './config';
import { postOnce } from './post-once';
import type { Recipient } from './recipients';

export interface Message {
  kind: string;
  /** Of the event that the message is about: tells the messages of two proposals of one case apart. */
  seq: number;
  recipients: readonly Recipient[];
  card: AdaptiveCard;
  summary: string;
}

export interface Posted {
  messages: MessageRef[];
  /** Who could not be told, and the code of the refusal. */
  failure: string | null;
}

/**
 * Tells people in Teams: each message once, as far as that can be known (see {@link postOnce}). Copies are harmless,
 * because a vote counts once per person whichever copy was clicked.
 */
@Injectable()
export class Messenger {
  constructor(
    private readonly connector: ConnectorClient,
    private readonly effects: EffectLedger,
    @Inject(clockToken) private readonly clock: Clock,
    @Inject(loggerToken) private readonly logger: Logger,
    @Inject(approvalConfigToken) private readonly config: Pick<ApprovalConfig, 'CONSOLE_URL'>,
  ) {}

  /** The card as it stands now; for one person alone where a viewer is given. */
  card(c: Case, viewer: Viewer | null = null): AdaptiveCard {
    return cardFor(c, this.clock(), { consoleUrl: this.config.CONSOLE_URL, viewer });
  }

  /**
   * Posts one message to each. A recipient whom Teams refuses for good is named in `failure`, unless they are required.
   * @throws RetryableError, and FatalError for a required recipient
   */
  async postAll(c: Case, message: Message): Promise<Posted> {
    const messages: MessageRef[] = [];
    const failures: string[] = [];
    for (const recipient of message.recipients) {
      try {
        messages.push(...(await this.post(c, message, recipient)));
      } catch (error) {
        if (recipient.required || !(error instanceof FatalError)) throw error;
        failures.push(`${recipient.to}:${error.code}`);
      }
    }
    return { messages, failure: failures.length > 0 ? failures.join(', ') : null };
  }

  /** Brings every posted copy up to date. A copy that cannot be reached is repaired when somebody looks at it. */
  async refresh(c: Case): Promise<void> {
    for (const message of c.proposal?.messages ?? []) await this.update(c, message);
  }

  /**
   * Brings one copy up to date that has shown itself to be out of date, because it still asks. Only a copy that we know
   * as one of this case: whoever clicks can name any message.
   */
  async repair(c: Case, copy: Pick<MessageRef, 'conversationId' | 'activityId'>): Promise<void> {
    const message = c.proposal?.messages.find(
      ({ conversationId, activityId }) =>
        conversationId === copy.conversationId && activityId === copy.activityId,
    );
    if (message) await this.update(c, message);
  }

  private async update(c: Case, message: MessageRef): Promise<void> {
    try {
      await this.connector.update(message, this.card(c), `Approval: ${c.opened.ticketNumber}`);
    } catch (error) {
      this.logger.warn(
        { err: error, caseId: c.id },
        'a card could not be updated; it is repaired when looked at',
      );
    }
  }

  private async post(
    c: Case,
    { kind, seq, card, summary }: Message,
    { to, target }: Recipient,
  ): Promise<MessageRef[]> {
    return postOnce(this.effects, () => this.instant(), {
      caseId: c.id,
      purpose: `teams-${kind}-${to}`,
      seq,
      send: (copy) => this.connector.post(target, copy === 1 ? card : markedAsCopy(card), summary),
    });
  }

  now(): Date {
    return this.clock();
  }

  private instant(): string {
    return this.clock().toISOString();
  }
}
