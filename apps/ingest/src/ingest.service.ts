import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { CaseLog } from '@sallyport/case-log';
import type { EventOf } from '@sallyport/evidence';
import { caseIdFor } from '@sallyport/idempotency';
import { StageQueues } from '@sallyport/queue';
import { type Clock, clockToken, type Logger, loggerToken, Problem } from '@sallyport/service';
import type { IngestConfig } from './config';
import { episodeOf, type TicketWebhook, ticketWebhookSchema } from './ticket-webhook';
import type { VerifiedMessage } from './webhook-verifier';

export const ingestConfigToken = Symbol('ingest config');

export interface Receipt {
  caseId: string;
  /** `opened`: this message opened the case. `alreadyOpen`: another did. `repeated`: this very message came before. */
  status: 'opened' | 'alreadyOpen' | 'repeated';
}

/** Turns a verified message into an open case: at most one per ticket and risk episode, however often it is sent. */
@Injectable()
export class IngestService {
  constructor(
    private readonly log: CaseLog,
    private readonly queues: StageQueues,
    @Inject(ingestConfigToken) private readonly config: IngestConfig,
    @Inject(clockToken) private readonly clock: Clock,
    @Inject(loggerToken) private readonly logger: Logger,
  ) {}

  /** The answer is given only after the case is stored. @throws Problem */
  async receiveTicket(message: VerifiedMessage): Promise<Receipt> {
    const bodyDigest = createHash('sha256').update(message.body).digest('hex');
    const known = await this.stored(() => this.log.receivedMessage(message.id));
    if (known && known.bodyDigest !== bodyDigest) {
      throw new Problem(
        409,
        'messageIdReused',
        'Message id reused',
        'This webhook-id came before with another body.',
      );
    }
    if (known) return { caseId: known.caseId, status: 'repeated' };

    const webhook = this.parse(message.body);
    const opened = this.openingOf(webhook, message.id);
    const isNew = await this.stored(() => this.log.open(opened, { bodyDigest, receivedAt: opened.at }));
    if (isNew) await this.wake(opened.caseId);
    return { caseId: opened.caseId, status: isNew ? 'opened' : 'alreadyOpen' };
  }

  /** Whatever keeps the log from answering is ours to repair and the sender's to wait for. @throws Problem 503 */
  private async stored<T>(use: () => Promise<T>): Promise<T> {
    try {
      return await use();
    } catch (error) {
      this.logger.error({ err: error }, 'the case log did not answer');
      throw new Problem(
        503,
        'caseLogUnavailable',
        'Case log unavailable',
        'The message could not be stored. Send it again with the same webhook-id; a repeat does no harm.',
      );
    }
  }

  private parse(body: Buffer): TicketWebhook {
    let json: unknown;
    try {
      json = JSON.parse(body.toString('utf8'));
    } catch {
      throw new Problem(400, 'notJson', 'Not JSON', 'The body must be one JSON object in UTF-8.');
    }
    const result = ticketWebhookSchema.safeParse(json);
    if (!result.success) {
      const errors = result.error.issues.map((issue) => ({
        pointer: `/${issue.path.join('/')}`,
        detail: issue.message,
      }));
      throw new Problem(
        422,
        'badTicketMessage',
        'Bad ticket message',
        'The message lacks what a case needs.',
        { errors },
      );
    }
    const { instance, category } = result.data.data;
    if (instance !== this.config.SERVICENOW_INSTANCE) {
      throw new Problem(
        422,
        'wrongInstance',
        'Wrong instance',
        'This endpoint serves another ServiceNow instance.',
      );
    }
    if (!this.config.TICKET_CATEGORIES.includes(category)) {
      const accepted = this.config.TICKET_CATEGORIES;
      throw new Problem(
        422,
        'unknownCategory',
        'Unknown category',
        `Tickets of this category are not handled here. Accepted: ${accepted.join(', ')}.`,
        { accepted },
      );
    }
    return result.data;
  }

  private openingOf(webhook: TicketWebhook, messageId: string): EventOf<'case.opened'> {
    const ticket = {
      instance: webhook.data.instance,
      ticketSysId: webhook.data.sys_id,
      episode: episodeOf(webhook),
    };
    return {
      type: 'case.opened',
      v: 1,
      at: this.clock().toISOString(),
      caseId: caseIdFor(ticket),
      ...ticket,
      ticketNumber: webhook.data.number,
      origin: 'webhook',
      messageId,
    };
  }

  /** The case is stored; a queue that cannot be reached only delays it until the context stage's next sweep. */
  private async wake(caseId: string): Promise<void> {
    try {
      await this.queues.wake({ caseId, stage: 'context', seq: 1 });
    } catch (error) {
      this.logger.warn({ err: error, caseId }, 'wake-up not sent; the sweeper will');
    }
  }
}
