import type { Case } from '@sallyport/case';
import { type CaseLog, CaseLogDamaged, type GroupMember } from '@sallyport/case-log';
import { type Html, html } from '../html';
import { phaseWords } from './case-words';
import { list, panel } from './pieces';

/** Members that one page names; what is left is told. */
const maxMembers = 200;

/** What the logs of the other cases say of the group. */
export interface GroupShown {
  kind: string;
  leads: boolean;
  leadCaseId: string;
  /** Null where the log of the lead cannot be read. */
  leadTicket: string | null;
  count: number;
  /** Without the case itself. */
  others: readonly GroupMember[];
}

/** @returns null for a case that belongs to no group */
export async function readGroup(log: CaseLog, { id, group }: Case): Promise<GroupShown | null> {
  if (!group) return null;
  const { kind, leads, leadCaseId } = group;
  const { count, members } = await log.groupMembers(leadCaseId, leads ? maxMembers + 1 : 1);
  const others = members.filter(({ caseId }) => caseId !== id).slice(0, maxMembers);
  return { kind, leads, leadCaseId, leadTicket: await ticketOf(log, leadCaseId), count, others };
}

async function ticketOf(log: CaseLog, caseId: string): Promise<string | null> {
  try {
    return (await log.load(caseId))?.case.opened.ticketNumber ?? null;
  } catch (error) {
    if (error instanceof CaseLogDamaged) return null;
    throw error;
  }
}

/** The group case: the lead lists whom it leads, a member leads to its lead. */
export function groupPanel(group: GroupShown | null): Html {
  if (!group) return html``;
  const { kind, leads, leadCaseId, leadTicket, count, others } = group;
  const about = html`The same detection (<code>${kind}</code>) on many people within an hour: nobody of the
  group is released alone.`;
  if (!leads) {
    const body = html`<p class="lead">
        Decided with <a href="/cases/${leadCaseId}">${leadTicket ?? leadCaseId}</a>, which leads ${count}
        cases.
      </p>
      <p>${about}</p>`;
    return panel('Part of a group', body, 'group');
  }
  const left = count - 1 - others.length;
  const body = html`<p class="lead">This case leads ${count} ${count === 1 ? 'case' : 'cases'} so far.</p>
    <p>${about} Only this one is told in Teams.</p>
    ${list(
      others.map(
        ({ caseId, ticketNumber, phase }) =>
          html`<a href="/cases/${caseId}">${ticketNumber}</a> <span class="soft">${phaseWords[phase]}</span>`,
      ),
      'members',
    )}
    ${left > 0 ? html`<p class="soft">And ${left} more, which are not shown here.</p>` : html``}`;
  return panel('Group case', body, 'group');
}
