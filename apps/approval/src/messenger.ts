import { Inject, Injectable } from '@nestjs/common';
import type { Case } from '@sallyport/case';
import { EffectLedger } from '@sallyport/case-log';
import type { MessageRef } from '@sallyport/evidence';
import { FatalError } from '@sallyport/queue';
import { type Clock, clockToken, type Logger, loggerToken } from '@sallyport/service';
import { type AdaptiveCard, ConnectorClient, markedAsCopy, TeamsError, type Viewer } from '@sallyport/teams';
import { cardFor } from './cards';
import { copiesKey } from './copies-key';
import { type ApprovalConfig, approvalConfigToken } from './config';
import { postOnce } from './post-once';
import type { Recipient } from './recipients';

/**
 * How long the copies of one question may be under way to their update in another process: each has a turn in its
 * conversation, four attempts and the pauses between them.
 */
const underWayMs = 120_000;

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

  /**
   * Brings every posted copy of a question up to date with what is known of it, once for each change of that.
   * @returns whether nothing is left to do: false where a copy could not be reached, or another process is at it
   */
  async refresh(c: Case, replaced = false): Promise<boolean> {
    if (!c.proposal || c.proposal.messages.length === 0) return true;
    // Not waited for by a click: nothing may be thrown here.
    try {
      const key = copiesKey(c, c.proposal, this.instant(), replaced);
      const at = this.instant();
      const begun = await this.effects.begin({ key, caseId: c.id, kind: 'teams-copies', at });
      if (begun.kind === 'done') return true;
      if (begun.kind === 'started' && !(await this.takesOver(key, begun.startedAt, at))) return false;
      const updates = c.proposal.messages.map((message) => this.update(c, message, replaced));
      const reached = await Promise.all(updates);
      if (reached.includes(false)) {
        await this.effects.giveBack(key, at);
        return false;
      }
      await this.effects.finish(key, this.instant(), null);
      return true;
    } catch (error) {
      this.logger.warn(
        { err: error, caseId: c.id },
        'cards could not be brought up to date; tried again later',
      );
      return false;
    }
  }

  /** The copies that were just posted say all that there is to say. */
  async posted(c: Case): Promise<void> {
    if (!c.proposal) return;
    const at = this.instant();
    const key = copiesKey(c, c.proposal, at, false);
    const begun = await this.effects.begin({ key, caseId: c.id, kind: 'teams-copies', at });
    if (begun.kind === 'fresh') await this.effects.finish(key, at, null);
  }

  /**
   * Brings one copy up to date that has shown itself to be out of date, because it still asks. Only a copy that we know
   * as one of this question: whoever clicks can name any message.
   */
  async repair(
    c: Case,
    copy: Pick<MessageRef, 'conversationId' | 'activityId'>,
    replaced = false,
  ): Promise<void> {
    const message = c.proposal?.messages.find(
      ({ conversationId, activityId }) =>
        conversationId === copy.conversationId && activityId === copy.activityId,
    );
    if (message) await this.update(c, message, replaced);
  }

  private takesOver(key: string, startedAt: string, at: string): Promise<boolean> | false {
    const underWay = Math.abs(Date.parse(at) - Date.parse(startedAt)) < underWayMs;
    return !underWay && this.effects.takeOver(key, startedAt, at);
  }

  /**
   * Brings a posted review notice up to date. One that Teams refuses for good keeps what it said.
   * @returns whether it is done with: false where trying again may help
   */
  async updateNotice(c: Case, message: MessageRef, card: AdaptiveCard): Promise<boolean> {
    try {
      await this.connector.update(message, card, `Pending manual review: ${c.opened.ticketNumber}`);
      return true;
    } catch (error) {
      this.logger.warn({ err: error, caseId: c.id }, 'a notice could not be updated');
      return !(error instanceof TeamsError && error.retryable);
    }
  }

  /** @returns whether it is done with: false where trying again may help */
  private async update(c: Case, message: MessageRef, replaced: boolean): Promise<boolean> {
    const card = cardFor(c, this.clock(), { consoleUrl: this.config.CONSOLE_URL, replaced });
    try {
      await this.connector.update(message, card, `Approval: ${c.opened.ticketNumber}`);
      return true;
    } catch (error) {
      // Whatever else Teams refuses may be put right within the day, such as a secret that was renewed too late.
      const never = error instanceof TeamsError && (error.kind === 'gone' || error.kind === 'tooBig');
      const words = never ? 'repaired when somebody looks at it' : 'tried again later';
      this.logger.warn({ err: error, caseId: c.id }, `a card could not be updated; ${words}`);
      return never;
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
