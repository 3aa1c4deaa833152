import { simulatedServiceNowClients, stableSysId, type SimulatedServiceNowClient } from '@sallyport/scenario';
import { type State, type View } from '../state';
import { assignmentGroupSysId, incidentColumns } from './incident';

export type Row = Readonly<Record<string, string>>;
export const tableNames = [
  'incident',
  'sys_user',
  'sys_user_group',
  'sys_journal_field',
  'sys_choice',
] as const;
export type TableName = (typeof tableNames)[number];

export const columns: Readonly<Record<TableName, readonly string[]>> = {
  incident: incidentColumns,
  sys_user: [
    'sys_id',
    'user_name',
    'name',
    'email',
    'active',
    'u_entra_object_id',
    'sys_created_on',
    'sys_updated_on',
    'sys_mod_count',
  ],
  sys_user_group: ['sys_id', 'name', 'active'],
  sys_journal_field: [
    'sys_id',
    'name',
    'element',
    'element_id',
    'value',
    'sys_created_on',
    'sys_created_by',
    'sys_tags',
  ],
  sys_choice: ['sys_id', 'name', 'element', 'value', 'label', 'inactive', 'sequence', 'language'],
};

export const isTableName = (name: string): name is TableName => tableNames.some((known) => known === name);

/** All rows of a table at the moment of the view. */
export function rowsOf(table: TableName, view: View, state: State): Row[] {
  switch (table) {
    case 'incident':
      return [...view.incidents.values()];
    case 'sys_user':
      return [...serviceUsers, ...people(view)];
    case 'sys_user_group':
      return [...state.assignmentGroups].map((name) => ({
        sys_id: assignmentGroupSysId(name),
        name,
        active: 'true',
      }));
    case 'sys_journal_field':
      return [...view.journal.values()];
    case 'sys_choice':
      return choices;
  }
}

/** The row that a reference leads to. */
export function referenced(table: TableName, sysId: string, view: View, state: State): Row | undefined {
  return rowsOf(table, view, state).find((row) => row['sys_id'] === sysId);
}

/** Provisioning feeds `u_entra_object_id`: the only safe way from a sys_user to the directory. */
const people = (view: View): Row[] =>
  [...view.users.values()]
    .filter(({ inServiceNow }) => inServiceNow)
    .map((user) => ({
      sys_id: user.sysId,
      user_name: user.userPrincipalName.split('@')[0] ?? '',
      name: user.displayName,
      email: user.mail ?? '',
      active: String(user.accountEnabled && !user.deleted),
      u_entra_object_id: user.id,
      sys_created_on: '2020-01-01 00:00:00',
      sys_updated_on: '2020-01-01 00:00:00',
      sys_mod_count: '0',
    }));

const serviceUsers: readonly Row[] = Object.values<SimulatedServiceNowClient>(simulatedServiceNowClients).map(
  ({ userName }) => ({
    sys_id: stableSysId('service_user', userName),
    user_name: userName,
    name: `Service ${userName}`,
    email: '',
    active: 'true',
    u_entra_object_id: '',
    sys_created_on: '2020-01-01 00:00:00',
    sys_updated_on: '2020-01-01 00:00:00',
    sys_mod_count: '0',
  }),
);

export const serviceUserSysId = (userName: string): string => stableSysId('service_user', userName);

/** The newer close codes and the states; an instance owner may have others. */
export const labels: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  state: { 1: 'New', 2: 'In Progress', 3: 'On Hold', 6: 'Resolved', 7: 'Closed', 8: 'Canceled' },
  hold_reason: { 1: 'Awaiting Caller', 3: 'Awaiting Problem', 4: 'Awaiting Vendor', 5: 'Awaiting Change' },
  impact: { 1: '1 - High', 2: '2 - Medium', 3: '3 - Low' },
  urgency: { 1: '1 - High', 2: '2 - Medium', 3: '3 - Low' },
  priority: { 1: '1 - Critical', 2: '2 - High', 3: '3 - Moderate', 4: '4 - Low', 5: '5 - Planning' },
  category: { security: 'Security', inquiry: 'Inquiry / Help', software: 'Software' },
  contact_type: { monitoring: 'Monitoring', phone: 'Phone', email: 'Email', 'self-service': 'Self-service' },
  close_code: Object.fromEntries(
    [
      'Duplicate',
      'Known error',
      'No resolution provided',
      'Resolved by caller',
      'Resolved by change',
      'Resolved by problem',
      'Resolved by request',
      'Solution provided',
      'Workaround provided',
      'User error',
    ].map((code) => [code, code]),
  ),
};

const choices: Row[] = Object.entries(labels).flatMap(([element, values]) =>
  Object.entries(values).map(([value, label], at) => ({
    sys_id: stableSysId('sys_choice', `${element}:${value}`),
    name: 'incident',
    element,
    value,
    label,
    inactive: 'false',
    sequence: String(at),
    language: 'en',
  })),
);
