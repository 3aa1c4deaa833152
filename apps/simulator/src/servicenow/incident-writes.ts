import { incidentNumber } from '@sallyport/scenario';
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { type State, type View } from '../state';
import { type WriteRequest } from '../writes';
import {
  blankIncident,
  type IncidentRow,
  incidentColumns,
  type JournalElement,
  newJournalRow,
  priorityOf,
  serviceNowTime,
} from './incident';

/** Values arrive as strings; numbers and booleans are stored as their text, null clears. */
export const fieldsSchema = z.record(
  z.string(),
  z
    .union([z.string(), z.number(), z.boolean(), z.null()])
    .transform((value) => (value === null ? '' : String(value))),
);
export type Fields = z.infer<typeof fieldsSchema>;

/** A data policy or business rule aborted the update: 403. */
export class PolicyAbort extends Error {}

export interface IncidentChange {
  row: IncidentRow;
  write: WriteRequest;
  effect: (state: State) => void;
}

const journalElements: readonly JournalElement[] = ['work_notes', 'comments'];
/** Never written through the API: computed, or the system's own. */
const ignored = (field: string) =>
  field.startsWith('sys_') ||
  ['number', 'priority', 'active', 'incident_state', 'comments_and_work_notes'].includes(field);

/** What a PATCH does to the row: only the sent fields, journal fields append, unknown ones are ignored with 200. */
export function changeIncident(
  before: IncidentRow,
  fields: Fields,
  by: string,
  bySysId: string,
  at: Date,
): IncidentChange {
  const sent = Object.entries(fields).filter(
    ([field]) => incidentColumns.includes(field) && !ignored(field) && !isJournal(field),
  );
  const notes = journalElements.flatMap((element) =>
    fields[element] ? [{ element, value: fields[element], unique: randomUUID() }] : [],
  );
  const changed = sent.filter(([field, value]) => before[field] !== value);
  const after = { ...before, ...Object.fromEntries(changed) };
  if (after['state'] === '6' && before['state'] !== '6') resolve(after, bySysId, at);
  refuseAgainstPolicy(after, fields);
  after['incident_state'] = after['state'] ?? '';
  after['active'] = String(!['7', '8'].includes(after['state'] ?? ''));
  after['priority'] = priorityOf(after['impact'] ?? '3', after['urgency'] ?? '3');
  // sys_mod_count does not grow when nothing changed.
  if (changed.length > 0 || notes.length > 0) {
    after['sys_mod_count'] = String(Number(before['sys_mod_count']) + 1);
    after['sys_updated_on'] = serviceNowTime(at);
    after['sys_updated_by'] = by;
  }
  return {
    row: after,
    write: {
      operation: 'ticketPatch',
      target: before.sys_id,
      subjects: [before.sys_id],
      detail: { fields: Object.keys(fields), state: after['state'] },
    },
    effect: (state) => {
      state.incidents.set(after.sys_id, after, at);
      for (const { element, value, unique } of notes) {
        const row = newJournalRow(after.sys_id, element, value, by, at, unique);
        state.journal.set(row.sys_id, row, at);
      }
    },
  };
}

/** What a POST makes. */
export function createIncident(fields: Fields, by: string, bySysId: string, at: Date): IncidentChange {
  const unique = randomUUID();
  const blank = blankIncident(unique.replaceAll('-', ''), incidentNumber(unique), by, at);
  const change = changeIncident({ ...blank, opened_by: bySysId }, fields, by, bySysId, at);
  const row = { ...change.row, sys_mod_count: '0' };
  return {
    row,
    write: { ...change.write, operation: 'ticketCreate', target: row.sys_id, subjects: [row.sys_id] },
    effect: (state) => {
      change.effect(state);
      state.incidents.set(row.sys_id, row, at);
    },
  };
}

/** The incident and the person it is about, as ids of the directory: what a scenario asks for. */
export function subjectsOf(row: IncidentRow, view: View): string[] {
  const person = [...view.users.values()].find(({ sysId }) => sysId === row['u_risky_user']);
  return person === undefined ? [row.sys_id] : [row.sys_id, person.id];
}

const isJournal = (field: string) => journalElements.some((element) => element === field);

function resolve(row: IncidentRow, bySysId: string, at: Date): void {
  row['resolved_at'] = serviceNowTime(at);
  row['resolved_by'] = bySysId;
}

function refuseAgainstPolicy(row: IncidentRow, fields: Fields): void {
  if (row['state'] === '6' && (row['close_code'] === '' || row['close_notes'] === '')) {
    throw new PolicyAbort(
      'Data Policy Exception: The following fields are mandatory: Resolution code, Resolution notes',
    );
  }
  if (row['state'] === '3' && row['hold_reason'] === '') {
    throw new PolicyAbort('Data Policy Exception: The following fields are mandatory: On hold reason');
  }
  // On Hold for the caller sends the caller a question: it must be written.
  if (fields['state'] === '3' && row['hold_reason'] === '1' && !fields['comments']) {
    throw new PolicyAbort('Data Policy Exception: The following fields are mandatory: Additional comments');
  }
}
