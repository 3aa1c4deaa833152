import type { Case } from '@sallyport/case';
import type { Evidence, Ticket } from '@sallyport/evidence';
import { RetryableError } from '@sallyport/queue';
import { personColumnOf, type TicketReader } from '@sallyport/servicenow';

/** What speaks against going on. */
export interface Difference {
  detail: string;
  /** Looking again would find the same: a person decides. */
  handOver: boolean;
}

/**
 * Directly before an approved plan, and before each further step of a release: is the ticket still open, about the same
 * person, and, where it is a release, asked for by the same people?
 */
export class TicketCheck {
  /** @param subjectField the column that says whom a ticket is about */
  constructor(
    private readonly tickets: Pick<TicketReader, 'ticket'>,
    private readonly subjectField: string,
  ) {}

  /**
   * @returns null where the ticket stands as it stood
   * @throws RetryableError where the plan must wait until ServiceNow answers
   */
  async difference(c: Case): Promise<Difference | null> {
    const { subjectField } = this;
    const view = { subjectField, personColumn: personColumnOf(subjectField), verifiedContactTypes: [] };
    const reading = await this.tickets.ticket(c.opened.ticketSysId, view, [c.id, 'before-acting', c.seq]);
    if (reading.state === 'known') {
      const { active, subjectId } = reading.value;
      if (subjectId !== c.subjectId)
        return { detail: 'The ticket is now about somebody else.', handOver: false };
      // Whoever asks for a containment has no part in what policy permits of it.
      const releases = c.proposed?.plan.action === 'release';
      if (releases && !isAskedForAsBefore(c.evidence, reading.value))
        return { detail: 'The ticket no longer names the same people as those who ask.', handOver: false };
      return active ? null : { detail: 'The ticket was closed meanwhile.', handOver: true };
    }
    if (reading.reason === 'unavailable')
      throw new RetryableError('ticketUnavailable', 'could not read the ticket before acting');
    return reading.reason === 'notFound'
      ? { detail: 'The ticket is gone.', handOver: true }
      : { detail: `The ticket can no longer be read: ${reading.reason}.`, handOver: true };
  }
}

/** Who asks may not approve, and what policy permits depends on who it is: another one was never judged. */
function isAskedForAsBefore(evidence: Evidence | null, now: Ticket): boolean {
  if (evidence?.ticket.state !== 'known') return false;
  const { callerId, openedById, unknownRequester } = evidence.ticket.value;
  return (
    now.callerId === callerId &&
    now.openedById === openedById &&
    // Where it was not told, policy took it for no.
    now.unknownRequester === (unknownRequester ?? false)
  );
}
