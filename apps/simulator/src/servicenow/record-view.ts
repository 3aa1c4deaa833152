import { type State } from '../state';
import { type Call } from '../surface';
import { references } from './incident';
import { columns, labels, referenced, type Row, type TableName } from './tables';

/** The API user's time zone is an hour ahead of UTC: display values are not database values. */
const displayOffsetMs = 3_600_000;
const timePattern = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/;

/** How the query wants records shown. */
export interface RecordView {
  record(row: Row): Record<string, unknown>;
  read(row: Row, field: string): string | undefined;
  knows(field: string): boolean;
}

export function recordView(call: Call, table: TableName, state: State): RecordView {
  const read = (row: Row, field: string): string | undefined => {
    const [first = '', ...rest] = field.split('.');
    if (rest.length === 0) return row[first];
    const target = references[first];
    const next = target && referenced(target, row[first] ?? '', call.view, state);
    // Dot-walking from an empty reference gives an empty value, not an error.
    return target === undefined ? undefined : next === undefined ? '' : next[rest.join('.')];
  };
  const knows = (field: string): boolean => {
    const [first = '', second, ...more] = field.split('.');
    if (!columns[table].includes(first) || more.length > 0) return false;
    const target = references[first];
    return second === undefined || (target !== undefined && columns[target].includes(second));
  };
  const fields = call.query
    .get('sysparm_fields')
    ?.split(',')
    .map((field) => field.trim());
  const display = call.query.get('sysparm_display_value') ?? 'false';
  const plain = call.query.get('sysparm_exclude_reference_link') === 'true';

  const shown = (row: Row, field: string): unknown => {
    const value = read(row, field) ?? '';
    const target = references[field];
    const text = displayOf(call, state, field, value);
    if (target === undefined)
      return display === 'true' ? text : display === 'all' ? { display_value: text, value } : value;
    if (value === '') return display === 'all' ? { display_value: '', value: '' } : '';
    const link = plain ? {} : { link: `${call.origin}/api/now/table/${target}/${value}` };
    if (display === 'all') return { display_value: text, ...link, value };
    if (display === 'true') return plain ? text : { display_value: text, ...link };
    return plain ? value : { ...link, value };
  };
  return {
    read,
    knows,
    // Unknown names in sysparm_fields are ignored.
    record: (row) =>
      Object.fromEntries((fields ?? columns[table]).filter(knows).map((field) => [field, shown(row, field)])),
  };
}

function displayOf(call: Call, state: State, field: string, value: string): string {
  if (value === '') return '';
  const target = references[field];
  if (target !== undefined) {
    const row = referenced(target, value, call.view, state);
    return row?.['name'] ?? row?.['number'] ?? value;
  }
  if (timePattern.test(value)) {
    const at = Date.parse(`${value.replace(' ', 'T')}Z`) + displayOffsetMs;
    return new Date(at).toISOString().slice(0, 19).replace('T', ' ');
  }
  return labels[field]?.[value] ?? value;
}
