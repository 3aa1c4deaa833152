import { type Row } from './tables';

/** Reads a column, or a column of a referenced row (`caller_id.user_name`); undefined where there is no such column. */
export type FieldReader = (row: Row, field: string) => string | undefined;

const conditionPattern =
  /^([a-z_][a-z0-9_.]*)(!=|>=|<=|=|>|<|NOT IN|IN|NOT LIKE|LIKE|STARTSWITH|ENDSWITH|ISEMPTY|ISNOTEMPTY|BETWEEN)(.*)$/s;

type Condition = (row: Row) => boolean;

/**
 * Encoded query of the Table API: `^` and, `^OR` or, `^NQ` new query, ORDERBY. A condition on an unknown field or
 * with an unknown operator is dropped without a word, so that MORE rows come back (the property
 * `glide.invalid_query.returns_no_rows` is off by default).
 */
export function runQuery(
  rows: readonly Row[],
  query: string,
  knows: (field: string) => boolean,
  read: FieldReader,
): Row[] {
  const alternatives = query.split('^NQ');
  const orderings: { field: string; descending: boolean }[] = [];
  const matchers = alternatives.map((part) => allOf(part, orderings, knows, read));
  const found = rows.filter((row) => matchers.some((matches) => matches(row)));
  return found.sort((a, b) => {
    for (const { field, descending } of orderings) {
      const [left, right] = [read(a, field) ?? '', read(b, field) ?? ''];
      if (left !== right) return left < right === descending ? 1 : -1;
    }
    return 0;
  });
}

function allOf(
  part: string,
  orderings: { field: string; descending: boolean }[],
  knows: (field: string) => boolean,
  read: FieldReader,
): Condition {
  const groups: Condition[][] = [];
  for (const term of part.split('^')) {
    const order = /^ORDERBY(DESC)?([a-z_][a-z0-9_.]*)$/.exec(term);
    if (order) {
      const field = order[2] ?? '';
      if (knows(field)) orderings.push({ field, descending: order[1] !== undefined });
      continue;
    }
    const alternative = term.startsWith('OR');
    const condition = conditionOf(alternative ? term.slice(2) : term, knows, read);
    if (condition === null) continue;
    const last = groups.at(-1);
    if (alternative && last !== undefined) last.push(condition);
    else groups.push([condition]);
  }
  return (row) => groups.every((group) => group.some((condition) => condition(row)));
}

function conditionOf(term: string, knows: (field: string) => boolean, read: FieldReader): Condition | null {
  const match = conditionPattern.exec(term);
  if (match === null) return null;
  const [, field = '', operator = '', expected = ''] = match;
  if (!knows(field)) return null;
  const test = tests[operator];
  return test === undefined ? null : (row) => test(read(row, field) ?? '', expected);
}

/** The database compares text without regard to case; times and numbers of equal length compare as text. */
const folded = (text: string) => text.toLowerCase();
const compare = (actual: string, expected: string): number => {
  const [a, b] = [Number(actual), Number(expected)];
  if (actual !== '' && expected !== '' && !Number.isNaN(a) && !Number.isNaN(b)) return a - b;
  return actual < expected ? -1 : actual > expected ? 1 : 0;
};
const tests: Readonly<Record<string, (actual: string, expected: string) => boolean>> = {
  '=': (actual, expected) => folded(actual) === folded(expected),
  '!=': (actual, expected) => folded(actual) !== folded(expected),
  '>': (actual, expected) => compare(actual, expected) > 0,
  '>=': (actual, expected) => compare(actual, expected) >= 0,
  '<': (actual, expected) => compare(actual, expected) < 0,
  '<=': (actual, expected) => compare(actual, expected) <= 0,
  IN: (actual, expected) => folded(expected).split(',').includes(folded(actual)),
  'NOT IN': (actual, expected) => !folded(expected).split(',').includes(folded(actual)),
  LIKE: (actual, expected) => folded(actual).includes(folded(expected)),
  'NOT LIKE': (actual, expected) => !folded(actual).includes(folded(expected)),
  STARTSWITH: (actual, expected) => folded(actual).startsWith(folded(expected)),
  ENDSWITH: (actual, expected) => folded(actual).endsWith(folded(expected)),
  ISEMPTY: (actual) => actual === '',
  ISNOTEMPTY: (actual) => actual !== '',
  BETWEEN: (actual, expected) => {
    const [from = '', to = ''] = expected.split('@');
    return compare(actual, from) >= 0 && compare(actual, to) <= 0;
  },
};
