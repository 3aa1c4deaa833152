import { Controller, Inject } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { type Case, expectedOutcome } from '@sallyport/case';
import { EffectLedger } from '@sallyport/case-log';
import type { Instant, Job } from '@sallyport/evidence';
import { effectKey } from '@sallyport/idempotency';
import { FatalError, NotYet, StageHandler } from '@sallyport/queue';
import { ServiceNowError, TicketWriter } from '@sallyport/servicenow';
import { asStageError, StageRunner, type Turn } from '@sallyport/stage';
import type { AuditConfig } from './config';
import { ticketNote } from './ticket-note';

/** How long a note may be under way in another process. Only one that is older is taken for lost. */
const underWayMs = 30_000;

export const auditConfigToken = Symbol('audit config');

/** Writes what was decided and done back to the ticket, once, and closes the case. */
@Controller()
export class AuditHandler {
  constructor(
    private readonly stage: StageRunner,
    private readonly effects: EffectLedger,
    private readonly tickets: TicketWriter,
    @Inject(auditConfigToken) private readonly config: AuditConfig,
  ) {}

  @StageHandler('audit')
  handle(@Payload() job: Job): Promise<void> {
    return this.stage.run(job, async (turn) => {
      if (turn.case.phase !== 'recorded') return this.record(turn);
      await turn.append({
        type: 'case.closed',
        v: 1,
        at: turn.now().toISOString(),
        outcome: expectedOutcome(turn.case),
      });
    });
  }

  private async record(turn: Turn): Promise<void> {
    const c = turn.case;
    const purpose = c.review ? 'review' : c.primaryCaseId ? 'linked' : 'closing';
    const key = effectKey(c.id, `ticket-${purpose}`, c.seq);
    const startedAt = turn.now().toISOString();
    const begun = await this.effects.begin({ key, caseId: c.id, kind: `ticket-${purpose}`, at: startedAt });
    if (begun.kind === 'started') await this.takeOver(key, begun.startedAt, startedAt);
    const modCount = begun.kind === 'done' ? Number(begun.result) : await this.write(c, key, startedAt);
    const at = turn.now().toISOString();
    await this.effects.finish(key, at, modCount);
    await turn.append({ type: 'ticket.updated', v: 1, at, key, purpose, modCount });
  }

  /** Two processes that write at the same moment would both find no note yet. @throws NotYet */
  private async takeOver(key: string, startedAt: Instant, at: Instant): Promise<void> {
    const ageMs = Date.parse(at) - Date.parse(startedAt);
    if (Math.abs(ageMs) < underWayMs) throw new NotYet('noteUnderWay', underWayMs - Math.max(ageMs, 0));
    if (!(await this.effects.takeOver(key, startedAt, at))) throw new NotYet('noteUnderWay', underWayMs);
  }

  /** A note carries its operation id, and the writer looks for it first: a repeat after a crash writes nothing. */
  private async write(c: Case, key: string, startedAt: Instant): Promise<number> {
    const note = ticketNote(c);
    try {
      const written = await this.tickets.write(c.opened.ticketSysId, {
        operationId: key,
        note,
        fields: this.fieldsFor(c, note),
      });
      return written.modCount;
    } catch (error) {
      await this.effects.giveBack(key, startedAt);
      // The note is written, so the next attempt would find it and take the ticket for done: a person must look.
      if (error instanceof ServiceNowError && error.code.startsWith('fieldIgnored:')) {
        throw new FatalError('fieldIgnored', `ServiceNow kept a field as it was (${error.code}).`);
      }
      throw asStageError(error);
    }
  }

  private fieldsFor(c: Case, note: string): Record<string, string> {
    if (c.review) return this.config.TICKET_REVIEW_FIELDS;
    switch (expectedOutcome(c)) {
      case 'released':
      case 'selfRemediated':
        return { ...this.config.TICKET_RESOLVED_FIELDS, close_notes: note.split('\n')[0] ?? '' };
      case 'contained':
        return this.config.TICKET_CONTAINED_FIELDS;
      case 'linked':
      case 'resolvedByHand':
        return {};
    }
  }
}
