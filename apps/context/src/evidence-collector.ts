import type { GraphClient } from '@sallyport/entra';
import type { SharedReads } from '@sallyport/entra/shared';
import { type Evidence, type Instant, type Reading, type Source, type Ticket } from '@sallyport/evidence';
import { personColumnOf, type TicketReader } from '@sallyport/servicenow';
import { readSubject, type SubjectEvidence } from '@sallyport/stage';
import type { Clock } from '@sallyport/service';
import type { ContextConfig } from './config';

/** Reads the ticket from ServiceNow and everything about its subject from the directory. */
export class EvidenceCollector {
  constructor(
    private readonly graph: GraphClient,
    private readonly tickets: TicketReader,
    private readonly config: ContextConfig,
    private readonly clock: Clock,
    private readonly shared: SharedReads | null = null,
  ) {}

  /** The ticket as ServiceNow has it now; the message that woke us is not believed. */
  ticket(caseId: string, sysId: string): Promise<Reading<Ticket>> {
    const { TICKET_SUBJECT_FIELD: subjectField, VERIFIED_CONTACT_TYPES: verifiedContactTypes } = this.config;
    const personColumn = personColumnOf(subjectField);
    return this.tickets.ticket(sysId, { subjectField, personColumn, verifiedContactTypes }, [caseId]);
  }

  /** @param asOf when the case last moved: what cases read together must not be older */
  async collect(caseId: string, ticket: Reading<Ticket>, asOf: Instant): Promise<Evidence> {
    const subjectId = ticket.state === 'known' ? ticket.value.subjectId : null;
    const shared = this.shared?.view(asOf) ?? null;
    // A case that waits is read several times, and Microsoft's logs are to tell those readings apart.
    const trace = [caseId, this.clock().toISOString()];
    const subject = subjectId
      ? await readSubject(this.graph, this.config, subjectId, trace, this.clock, shared)
      : nobody(ticket.source);
    const owner = subjectId === null ? undefined : this.config.ACCOUNT_OWNERS[subjectId];
    const collectedAt = this.clock().toISOString();
    return { v: 1, collectedAt, ticket, ...subject, ...(owner !== undefined && { owner }) };
  }
}

/** Without a subject nothing was asked, and so nothing is known. */
function nobody(source: Source): SubjectEvidence {
  const unread = {
    state: 'unknown',
    reason: 'notFound',
    detail: 'the ticket does not lead to exactly one user',
    source,
  } as const;
  return {
    user: unread,
    standing: unread,
    roles: unread,
    risk: unread,
    detections: unread,
    episode: unread,
    campaign: unread,
    history: unread,
    signIns: unread,
    changes: unread,
    logs: unread,
    devices: unread,
    registration: unread,
    manager: unread,
    capabilities: unread,
  };
}
