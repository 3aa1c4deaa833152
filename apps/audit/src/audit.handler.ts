import { Controller, Inject } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { type Case, expectedOutcome } from '@sallyport/case';
import { EffectLedger } from '@sallyport/case-log';
import type { Digest, EventOf, Instant, Job } from '@sallyport/evidence';
import { effectKey } from '@sallyport/idempotency';
import { FatalError, NotYet, StageHandler } from '@sallyport/queue';
import { ServiceNowError, TicketWriter } from '@sallyport/servicenow';
import { asStageError, StageRunner, type Turn } from '@sallyport/stage';
import type { AuditConfig } from './config';
import { type GroupStanding, GroupStandings } from './group-standing';
import { ticketNote } from './ticket-note';

/** How long a note may be under way in another process. Only one that is older is taken for lost. */
const underWayMs = 30_000;

export const auditConfigToken = Symbol('audit config');

type Written = Pick<EventOf<'ticket.updated'>, 'modCount' | 'failure'>;

/** Writes what was decided and done back to the ticket, once, and closes the case. */
@Controller()
export class AuditHandler {
  constructor(
    private readonly stage: StageRunner,
    private readonly effects: EffectLedger,
    private readonly tickets: TicketWriter,
    @Inject(auditConfigToken) private readonly config: AuditConfig,
    private readonly groups: GroupStandings,
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
    const purpose = purposeOf(c);
    const key = effectKey(c.id, `ticket-${purpose}`, c.seq);
    const startedAt = turn.now().toISOString();
    const begun = await this.effects.begin({ key, caseId: c.id, kind: `ticket-${purpose}`, at: startedAt });
    if (begun.kind === 'started') await this.takeOver(key, begun.startedAt, startedAt);
    const written =
      begun.kind === 'done' ? { modCount: Number(begun.result) } : await this.write(c, key, startedAt);
    const at = turn.now().toISOString();
    // A refused write stays open, so that a repeat after a crash is told of the refusal again.
    if (written.failure === undefined) await this.effects.finish(key, at, written.modCount);
    await turn.append({ type: 'ticket.updated', v: 1, at, key, purpose, ...written });
  }

  /** Two processes that write at the same moment would both find no note yet. @throws NotYet */
  private async takeOver(key: string, startedAt: Instant, at: Instant): Promise<void> {
    const ageMs = Date.parse(at) - Date.parse(startedAt);
    if (Math.abs(ageMs) < underWayMs) throw new NotYet('noteUnderWay', underWayMs - Math.max(ageMs, 0));
    if (!(await this.effects.takeOver(key, startedAt, at))) throw new NotYet('noteUnderWay', underWayMs);
  }

  /** A note carries its operation id, and the writer looks for it first: a repeat after a crash writes nothing. */
  private async write(c: Case, key: Digest, startedAt: Instant): Promise<Written> {
    const group = await this.groups.of(c);
    const note = ticketNote(c, group);
    try {
      const written = await this.tickets.write(c.opened.ticketSysId, {
        operationId: key,
        note,
        fields: this.fieldsFor(c, note),
        wished: this.parentOf(group),
      });
      return { modCount: written.modCount };
    } catch (error) {
      await this.effects.giveBack(key, startedAt);
      const failure = asStageError(error);
      if (!(failure instanceof FatalError)) throw failure;
      const ignored = error instanceof ServiceNowError && error.code.startsWith('fieldIgnored:');
      // A refused note must neither keep a person from the case nor their word from counting.
      if (c.review) return { modCount: ignored ? await this.noted(c, key, note) : 0, failure: failure.code };
      // The note is written, so the next attempt would find it and take the ticket for done: a person must look.
      if (ignored) throw new FatalError('fieldIgnored', `ServiceNow kept a field as it was (${error.code}).`);
      throw failure;
    }
  }

  /** The count of changes of a ticket that has the note, which is written now where it was not. */
  private async noted(c: Case, operationId: Digest, note: string): Promise<number> {
    try {
      const { modCount } = await this.tickets.write(c.opened.ticketSysId, { operationId, note, fields: {} });
      return modCount;
    } catch (error) {
      const failure = asStageError(error);
      if (failure instanceof FatalError) return 0;
      throw failure;
    }
  }

  /** Where the instance keeps the parent as it was, the note still names it. */
  private parentOf(group: GroupStanding | null): Record<string, string> {
    const { TICKET_PARENT_FIELD: field } = this.config;
    const lead = group?.part === 'member' ? group.leadTicket : null;
    return lead && field !== 'none' ? { [field]: lead.sysId } : {};
  }

  private fieldsFor(c: Case, note: string): Record<string, string> {
    const { review } = c;
    if (review && !review.ended) return this.config.TICKET_REVIEW_FIELDS;
    if (review?.ended) {
      const retried = review.ended.resolution === 'retry';
      return retried ? this.config.TICKET_RETRIED_FIELDS : this.config.TICKET_ENDED_FIELDS;
    }
    // Resolved only once nothing has shown in all the time.
    if (c.phase === 'watchOpened') return {};
    if (c.phase === 'alarmPosted') return this.config.TICKET_REOPENED_FIELDS;
    switch (expectedOutcome(c)) {
      case 'released':
      case 'selfRemediated':
        return { ...this.config.TICKET_RESOLVED_FIELDS, close_notes: note.split('\n')[0] ?? '' };
      case 'contained':
        return this.config.TICKET_CONTAINED_FIELDS;
      case 'linked':
      case 'resolvedByHand':
      case 'closedByHand':
        return {};
    }
  }
}

/** What the note reports. */
function purposeOf(c: Case): EventOf<'ticket.updated'>['purpose'] {
  if (c.review) return c.review.ended ? 'reviewEnded' : 'review';
  if (c.phase === 'watchOpened') return 'watch';
  if (c.phase === 'alarmPosted') return 'alarm';
  return c.primaryCaseId ? 'linked' : 'closing';
}
