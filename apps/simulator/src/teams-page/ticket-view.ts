import { type IncidentRow, type JournalRow } from '../servicenow/incident';
import { labels } from '../servicenow/tables';
import { type World } from '../world';

const maxTicketsShown = 40;
/** The newest; a case writes one or a few. */
const maxNotesShown = 20;

export interface TicketView {
  number: string;
  /** In words, as ServiceNow shows it. */
  state: string;
  isDone: boolean;
  title: string;
  /** Whom it is about, or empty. */
  subject: string;
  /** Work notes, newest first. */
  notes: { at: string; by: string; text: string }[];
}

/** The incidents of the simulated ServiceNow with their work notes, last changed first. */
export function ticketsOf({ state }: World): TicketView[] {
  const { incidents, users, journal } = state.current();
  const names = new Map([...users.values()].map(({ sysId, displayName }) => [sysId, displayName]));
  return [...incidents.values()]
    .reverse()
    .sort((a, b) => (b['sys_updated_on'] ?? '').localeCompare(a['sys_updated_on'] ?? ''))
    .slice(0, maxTicketsShown)
    .map((incident) => ({
      number: incident.number,
      state: labels['state']?.[incident['state'] ?? ''] ?? incident['state'] ?? '',
      isDone: incident['active'] === 'false' || incident['state'] === '6',
      title: incident['short_description'] ?? '',
      subject: names.get(incident['u_risky_user'] ?? '') ?? '',
      notes: notesOf(incident, journal),
    }));
}

const notesOf = (incident: IncidentRow, journal: ReadonlyMap<string, JournalRow>): TicketView['notes'] =>
  [...journal.values()]
    .filter(({ element, element_id: of }) => element === 'work_notes' && of === incident.sys_id)
    .reverse()
    .slice(0, maxNotesShown)
    .map((row) => ({
      at: `${row.sys_created_on.replace(' ', 'T')}Z`,
      by: row.sys_created_by,
      text: row.value,
    }));
