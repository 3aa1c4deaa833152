import { Injectable } from '@nestjs/common';
import type { Case } from '@sallyport/case';
import { CaseLog, CaseLogDamaged } from '@sallyport/case-log';

/** What a ticket says about the group that its case belongs to. */
export type GroupStanding =
  | { part: 'lead'; kind: string; count: number }
  | {
      part: 'member';
      kind: string;
      leadCaseId: string;
      /** Null where the log of the lead cannot be read. */
      leadTicket: { sysId: string; number: string } | null;
    };

/** Reads from the log of the lead what the log of a member only names by id. */
@Injectable()
export class GroupStandings {
  constructor(private readonly log: CaseLog) {}

  /** @returns null for a case that belongs to no group */
  async of({ id, group }: Case): Promise<GroupStanding | null> {
    if (!group) return null;
    const { kind, leadCaseId } = group;
    if (group.leads) return { part: 'lead', kind, count: (await this.log.groupMembers(id, 1)).count };
    return { part: 'member', kind, leadCaseId, leadTicket: await this.ticketOf(leadCaseId) };
  }

  /** A log that is damaged is told by those who act on that case, and must not keep every member from its ticket. */
  private async ticketOf(caseId: string): Promise<{ sysId: string; number: string } | null> {
    try {
      const opened = (await this.log.load(caseId))?.case.opened;
      return opened ? { sysId: opened.ticketSysId, number: opened.ticketNumber } : null;
    } catch (error) {
      if (error instanceof CaseLogDamaged) return null;
      throw error;
    }
  }
}

/** For the note of the review or the end. */
export function groupLines(group: GroupStanding | null): string[] {
  switch (group?.part) {
    case undefined:
      return [];
    case 'lead':
      return [
        '',
        `GROUP CASE: this ticket leads ${group.count} case(s) so far with the detection ${group.kind}. The tickets of the others name this one; later ones join it.`,
      ];
    case 'member':
      return [
        '',
        `PART OF A GROUP: the same detection (${group.kind}) on many people. ${leadWords(group.leadCaseId, group.leadTicket)}`,
      ];
  }
}

const leadWords = (caseId: string, ticket: { number: string } | null): string =>
  ticket
    ? `Ticket ${ticket.number} (case ${caseId}) leads the group; it is decided there.`
    : `This is a member of case ${caseId}, whose log cannot be read.`;
