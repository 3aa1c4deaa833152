import { Inject, Injectable } from '@nestjs/common';
import { EffectLedger, Leases } from '@sallyport/case-log';
import { alertKey } from '@sallyport/idempotency';
import { type Clock, clockToken, type Logger, loggerToken, Problem } from '@sallyport/service';
import { type IntakeTicket, ServiceNowError, TicketIntake } from '@sallyport/servicenow';
import { z } from 'zod';
import type { Alert } from './alert';
import { alertTicketFields, correlationIdOf } from './alert-ticket-fields';
import { CaseOpener } from './case-opener';
import { type IngestConfig, ingestConfigToken } from './config';

/**
 * How long an attempt keeps others from making the same incident: a minute for the questions before it, and for the
 * POST twice the 60 s after which ServiceNow cancels a REST transaction, which may have committed by then. After that
 * an incident that cannot be found was not made.
 */
const attemptMs = 180_000;

const storedTicket = z.object({ sysId: z.string(), number: z.string(), reopenCount: z.int() });

/** One incident per alert. Intent before effect; what is open afterwards is read back, never sent again at once. */
@Injectable()
export class AlertTickets {
  /** Alerts of this process that are being turned into incidents: parallel repeats wait for the first. */
  private readonly underWay = new Map<string, Promise<IntakeTicket>>();

  constructor(
    private readonly intake: TicketIntake,
    private readonly effects: EffectLedger,
    private readonly leases: Leases,
    private readonly opener: CaseOpener,
    @Inject(ingestConfigToken) private readonly config: IngestConfig,
    @Inject(clockToken) private readonly clock: Clock,
    @Inject(loggerToken) private readonly logger: Logger,
  ) {}

  /** The incident of this alert, made where there is none yet. @throws Problem 503: send the alert again */
  ticketFor(alert: Alert): Promise<IntakeTicket> {
    const key = alertKey(this.config.SERVICENOW_INSTANCE, alert.source, alert.id);
    const waiting = this.underWay.get(key);
    if (waiting) return waiting;
    const ticket = this.findOrCreate(key, alert).finally(() => this.underWay.delete(key));
    this.underWay.set(key, ticket);
    return ticket;
  }

  private async findOrCreate(key: string, alert: Alert): Promise<IntakeTicket> {
    const correlationId = correlationIdOf(key);
    const at = this.clock().toISOString();
    const state = await this.opener.stored(() =>
      this.effects.begin({ key, caseId: correlationId, kind: 'ticketCreate', at }),
    );
    if (state.kind === 'done') return storedTicket.parse(state.result);
    if (state.kind === 'started') {
      const found = await this.asked(() => this.intake.find(correlationId));
      if (found) return this.finish(key, found);
    }
    const until = new Date(Date.parse(at) + attemptMs).toISOString();
    if (!(await this.opener.stored(() => this.leases.claim(key, at, until)))) {
      throw retryLater(
        'alertUnderWay',
        'Another attempt is at work on this alert, or ended without an answer.',
      );
    }
    return this.create(key, alert, () => this.leases.release(key, until));
  }

  /** @param giveBack only where nothing can be on its way any more */
  private async create(key: string, alert: Alert, giveBack: () => Promise<void>): Promise<IntakeTicket> {
    const correlationId = correlationIdOf(key);
    let posted = false;
    try {
      // Asked under the lease: somebody may have made it since the last look, or before our ledger knew of it.
      let ticket = await this.intake.find(correlationId);
      if (!ticket) {
        const fields = await this.fieldsOf(alert, correlationId);
        posted = true;
        const { ignored, ...created } = await this.intake.create(fields);
        ticket = created;
        if (ignored.length > 0) this.logger.error({ ignored }, 'an ACL kept fields of a new incident empty');
      }
      const finished = await this.finish(key, ticket);
      await this.opener.stored(giveBack);
      return finished;
    } catch (error) {
      if (!(error instanceof ServiceNowError)) throw error;
      if (posted && error.kind === 'unavailable') {
        // The lease is kept: a transaction that still runs over there could commit after our look.
        const found = await this.asked(() => this.intake.find(correlationId));
        if (found) return this.finish(key, found);
      } else {
        await this.opener.stored(giveBack);
      }
      throw this.problemOf(error);
    }
  }

  private async fieldsOf(alert: Alert, correlationId: string): Promise<Record<string, string>> {
    const [, column = ''] = this.config.ALERT_SUBJECT_FIELD.split('.');
    const userSysId = await this.userSysId(column, alert.subjectId);
    return alertTicketFields(alert, correlationId, userSysId, this.config);
  }

  /** Without a user the incident names nobody, and its case goes to a person. */
  private async userSysId(column: string, subjectId: string): Promise<string | null> {
    try {
      return await this.intake.userSysId(column, subjectId);
    } catch (error) {
      if (!(error instanceof ServiceNowError) || error.retryable) throw error;
      this.logger.error(
        { err: error },
        'ServiceNow does not let us look for users; the incident names nobody',
      );
      return null;
    }
  }

  private async finish(key: string, ticket: IntakeTicket): Promise<IntakeTicket> {
    await this.opener.stored(() => this.effects.finish(key, this.clock().toISOString(), ticket));
    return ticket;
  }

  private async asked<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof ServiceNowError) throw this.problemOf(error);
      throw error;
    }
  }

  private problemOf(error: ServiceNowError): Problem {
    this.logger.error({ err: error }, 'ServiceNow did not take an alert');
    return error.retryable
      ? retryLater('serviceNowUnavailable', 'ServiceNow did not answer.')
      : retryLater('serviceNowRefused', 'ServiceNow refused the incident; its rights or rules need a look.');
  }
}

const retryLater = (code: string, what: string) =>
  new Problem(503, code, 'Alert not taken yet', `${what} Send the same alert again; a repeat does no harm.`);
