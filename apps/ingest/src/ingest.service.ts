import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { Problem } from '@sallyport/service';
import { CaseOpener, type Receipt } from './case-opener';
import { type IngestConfig, ingestConfigToken } from './config';
import { jsonOf, parsed } from './message-json';
import { episodeOf, type TicketWebhook, ticketWebhookSchema } from './ticket-webhook';
import type { VerifiedMessage } from './webhook-verifier';

/** Turns a verified message of ServiceNow into an open case. */
@Injectable()
export class IngestService {
  constructor(
    private readonly opener: CaseOpener,
    @Inject(ingestConfigToken) private readonly config: IngestConfig,
  ) {}

  /** The answer is given only after the case is stored. @throws Problem */
  async receiveTicket(message: VerifiedMessage): Promise<Receipt> {
    const bodyDigest = createHash('sha256').update(message.body).digest('hex');
    const repeated = await this.opener.repeated(message.id, bodyDigest);
    if (repeated) return repeated;

    const webhook = this.parse(message.body);
    return this.opener.open({
      instance: webhook.data.instance,
      ticketSysId: webhook.data.sys_id,
      ticketNumber: webhook.data.number,
      episode: episodeOf(webhook),
      origin: 'webhook',
      messageId: message.id,
      bodyDigest,
    });
  }

  private parse(body: Buffer): TicketWebhook {
    const webhook = parsed(ticketWebhookSchema, jsonOf(body), 'badTicketMessage', 'Bad ticket message');
    const { instance, category } = webhook.data;
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
    return webhook;
  }
}
