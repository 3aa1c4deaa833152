import { stableSysId, type TenantIncident } from '@sallyport/scenario';

/** A row as the Table API stores it: strings only; a reference is the other row's `sys_id`, or empty. */
export type IncidentRow = { sys_id: string; number: string } & Record<string, string>;
export type JournalRow = Record<
  'sys_id' | 'name' | 'element' | 'element_id' | 'value' | 'sys_created_on' | 'sys_created_by' | 'sys_tags',
  string
>;
export type JournalElement = 'work_notes' | 'comments';

/** The database form of a time: UTC, no zone, seconds. */
export const serviceNowTime = (at: Date): string => at.toISOString().slice(0, 19).replace('T', ' ');

export const assignmentGroupSysId = (name: string): string => stableSysId('sys_user_group', name);

/** Columns of the incident table, standard ones and `u_risky_user`, the custom reference to whom it is about. */
const emptyIncident: Readonly<Record<string, string>> = {
  sys_class_name: 'incident',
  state: '1',
  incident_state: '1',
  hold_reason: '',
  active: 'true',
  approval: 'not requested',
  category: '',
  subcategory: '',
  contact_type: '',
  impact: '3',
  urgency: '3',
  priority: '5',
  severity: '3',
  caller_id: '',
  opened_by: '',
  u_risky_user: '',
  parent_incident: '',
  assignment_group: '',
  assigned_to: '',
  short_description: '',
  description: '',
  // Journal fields read back empty; their text is in sys_journal_field.
  work_notes: '',
  comments: '',
  comments_and_work_notes: '',
  close_code: '',
  close_notes: '',
  resolved_at: '',
  resolved_by: '',
  closed_at: '',
  closed_by: '',
  reopen_count: '0',
  reassignment_count: '0',
  correlation_id: '',
  correlation_display: '',
  opened_at: '',
  sys_created_on: '',
  sys_created_by: 'system',
  sys_updated_on: '',
  sys_updated_by: 'system',
  sys_mod_count: '0',
  sys_domain: 'global',
};

export const incidentColumns: readonly string[] = ['sys_id', 'number', ...Object.keys(emptyIncident)];
/** Columns that hold another row's sys_id, and the table it is in. */
export const references: Readonly<Record<string, 'sys_user' | 'sys_user_group' | 'incident'>> = {
  caller_id: 'sys_user',
  opened_by: 'sys_user',
  u_risky_user: 'sys_user',
  assigned_to: 'sys_user',
  resolved_by: 'sys_user',
  closed_by: 'sys_user',
  assignment_group: 'sys_user_group',
  parent_incident: 'incident',
  sys_domain: 'sys_user_group',
};

/** Priority is looked up from impact and urgency, both 1 to 3; nobody writes it. */
export function priorityOf(impact: string, urgency: string): string {
  return String(Math.min(5, Math.max(1, Number(impact) + Number(urgency) - 1)));
}

export function newIncident(given: TenantIncident): IncidentRow {
  const at = serviceNowTime(new Date(given.openedAt));
  return {
    ...emptyIncident,
    ...given.fields,
    sys_id: given.sysId,
    number: given.number,
    incident_state: given.fields.state,
    active: String(!['7', '8'].includes(given.fields.state)),
    priority: priorityOf(given.fields.impact, given.fields.urgency),
    caller_id: given.callerSysId,
    opened_by: given.openedBySysId,
    u_risky_user: given.subjectSysId,
    assignment_group: given.assignmentGroup === '' ? '' : assignmentGroupSysId(given.assignmentGroup),
    opened_at: at,
    sys_created_on: at,
    sys_updated_on: at,
  };
}

/** The row that POST makes before the given fields are set. */
export function blankIncident(sysId: string, number: string, user: string, at: Date): IncidentRow {
  const time = serviceNowTime(at);
  return {
    ...emptyIncident,
    sys_id: sysId,
    number,
    opened_at: time,
    sys_created_on: time,
    sys_created_by: user,
    sys_updated_on: time,
    sys_updated_by: user,
  };
}

export function newJournalRow(
  incidentSysId: string,
  element: JournalElement,
  value: string,
  user: string,
  at: Date,
  unique: string,
): JournalRow {
  return {
    sys_id: stableSysId('sys_journal_field', `${incidentSysId}:${element}:${unique}`),
    name: 'incident',
    element,
    element_id: incidentSysId,
    value,
    sys_created_on: serviceNowTime(at),
    sys_created_by: user,
    sys_tags: '',
  };
}
