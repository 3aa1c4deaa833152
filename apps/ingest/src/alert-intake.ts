import { Inject, Injectable } from '@nestjs/common';
import { CaseLog } from '@sallyport/case-log';
import { alertKey, digestOf } from '@sallyport/idempotency';
import type { Alert } from './alert';
import { AlertTickets } from './alert-tickets';
import { CaseOpener, type Receipt } from './case-opener';
import { type IngestConfig, ingestConfigToken } from './config';
import { episodeOfReopening } from './ticket-webhook';

export interface AlertReceipt extends Receipt {
  /** Number of the incident. */
  ticket: string;
}

/** Turns a verified alert into an incident and its case: one of each, however often the alert is sent. */
@Injectable()
export class AlertIntake {
  constructor(
    private readonly log: CaseLog,
    private readonly tickets: AlertTickets,
    private readonly opener: CaseOpener,
    @Inject(ingestConfigToken) private readonly config: IngestConfig,
  ) {}

  /** The answer is given only after the case is stored. @throws Problem */
  async receive(alert: Alert): Promise<AlertReceipt> {
    const instance = this.config.SERVICENOW_INSTANCE;
    const messageId = `alert-${alertKey(instance, alert.source, alert.id)}`;
    const bodyDigest = digestOf(alert);
    const repeated = await this.opener.repeated(messageId, bodyDigest);
    if (repeated) return { ...repeated, ticket: await this.ticketOf(repeated.caseId) };

    const ticket = await this.tickets.ticketFor(alert);
    const receipt = await this.opener.open({
      instance,
      ticketSysId: ticket.sysId,
      ticketNumber: ticket.number,
      // Not the detection's id: ServiceNow's own message about this new incident, or the backfill, may be faster than
      // we are, and must arrive at the same case. One alert has one incident, so nothing is told apart less.
      episode: episodeOfReopening(ticket.reopenCount),
      origin: 'alert',
      messageId,
      bodyDigest,
    });
    return { ...receipt, ticket: ticket.number };
  }

  private async ticketOf(caseId: string): Promise<string> {
    const loaded = await this.opener.stored(() => this.log.load(caseId));
    return loaded?.case.opened.ticketNumber ?? '';
  }
}
