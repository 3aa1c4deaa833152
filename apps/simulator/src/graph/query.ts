import { type Answer, type Call } from '../surface';
import { maskLaterMembers } from './enums';
import { refuse } from './errors';
import { MalformedFilter, parseFilter, UnsupportedFilter, type Filterables } from './filter';

interface ListOptions {
  /** Of the `@odata.context`, for example `identityProtection/riskyUsers`. */
  context: string;
  defaultPageSize: number;
  maxPageSize: number;
  filterables?: Filterables;
  /** Properties that `$orderby` accepts; the first, descending, is the order without `$orderby`. */
  orderable?: readonly string[];
  expandable?: readonly string[];
}

const listOptionNames = ['$filter', '$select', '$top', '$orderby', '$count', '$skiptoken', '$expand'];

/** A page of rows: filtered, ordered, cut and projected as the query asks. Refuses what Graph refuses. */
export function listPage(call: Call, rows: readonly object[], options: ListOptions): Answer {
  refuseUnknownOptions(call, listOptionNames);
  expandOf(call, options.expandable ?? []);
  const filter = call.query.get('$filter');
  const matching =
    filter === null ? [...rows] : rows.filter(predicateOf(call, filter, options.filterables ?? {}));
  order(call, matching, options.orderable ?? []);
  const size = pageSize(call, options);
  const start = skipOf(call);
  const page = call.emptyPage ? [] : matching.slice(start, start + size);
  const next = call.emptyPage ? start : start + size;
  return {
    status: 200,
    body: {
      '@odata.context': `${call.origin}/v1.0/$metadata#${options.context}`,
      ...(call.query.get('$count') === 'true' ? { '@odata.count': matching.length } : {}),
      ...(call.emptyPage || next < matching.length ? { '@odata.nextLink': nextLink(call, next) } : {}),
      value: page.map((row) => maskLaterMembers(project(call, row, rows), call)),
    },
  };
}

/** One entity. `defaults` are the properties that come without `$select`, where they are fewer than all. */
export function entity(call: Call, row: object, context: string, defaults?: readonly string[]): Answer {
  refuseUnknownOptions(call, ['$select', '$expand']);
  const selected = call.query.has('$select')
    ? project(call, row, [row])
    : defaults
      ? pick(row, defaults)
      : row;
  return {
    status: 200,
    body: {
      '@odata.context': `${call.origin}/v1.0/$metadata#${context}/$entity`,
      ...asObject(maskLaterMembers(selected, call)),
    },
  };
}

/** The navigation properties asked for, all of which must be expandable here. */
export function expandOf(call: Call, expandable: readonly string[]): string[] {
  const names = (call.query.get('$expand') ?? '').split(',').filter((name) => name !== '');
  const unknown = names.find((name) => !expandable.includes(name));
  if (unknown !== undefined) refuse(call, 400, `Parsing OData Select and Expand failed: '${unknown}'.`);
  return names;
}

export function predicateOf(call: Call, clause: string, filterables: Filterables): (row: unknown) => boolean {
  try {
    return parseFilter(clause, filterables);
  } catch (error) {
    if (error instanceof UnsupportedFilter) {
      refuse(call, 400, `Unsupported query: ${error.message}.`, 'Request_UnsupportedQuery');
    }
    if (error instanceof MalformedFilter) refuse(call, 400, `Invalid filter clause: ${error.message}.`);
    throw error;
  }
}

function refuseUnknownOptions(call: Call, known: readonly string[]): void {
  for (const name of call.query.keys()) {
    if (!known.includes(name)) {
      refuse(call, 400, `The query parameter '${name}' is not supported.`, 'Request_UnsupportedQuery');
    }
  }
}

function project(call: Call, row: object, all: readonly object[]): object {
  const select = call.query.get('$select');
  if (select === null) return row;
  const names = select.split(',').map((name) => name.trim());
  // Members of a mixed collection have different properties: a name is unknown only if nobody has it.
  const unknown = names.find((name) => !all.some((other) => name in other));
  if (unknown !== undefined) refuse(call, 400, `Could not find a property named '${unknown}'.`);
  return pick(row, [...names, '@odata.type']);
}

function pick(row: object, names: readonly string[]): object {
  return Object.fromEntries(Object.entries(row).filter(([name]) => names.includes(name)));
}

function asObject(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}

function order(call: Call, rows: object[], orderable: readonly string[]): void {
  const [property, direction = 'asc'] = (call.query.get('$orderby') ?? `${orderable[0] ?? ''} desc`).split(
    ' ',
  );
  if (property === undefined || property === '') return;
  if (!orderable.includes(property) || !/^(asc|desc)$/.test(direction)) {
    refuse(call, 400, `$orderby=${property} ${direction} is not supported.`, 'Request_UnsupportedQuery');
  }
  const sign = direction === 'asc' ? 1 : -1;
  const key = (row: object) => String(pickOne(row, property));
  // Times are padded to seven digits, so that text order is time order.
  rows.sort((a, b) => sign * (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}

function pickOne(row: object, property: string): unknown {
  return Object.entries(row).find(([name]) => name === property)?.[1];
}

function pageSize(call: Call, { defaultPageSize, maxPageSize }: ListOptions): number {
  const top = call.query.get('$top');
  if (top === null) return defaultPageSize;
  const size = Number(top);
  if (!Number.isInteger(size) || size < 1 || size > maxPageSize) {
    refuse(
      call,
      400,
      `Invalid page size specified: '${top}'. Must be between 1 and ${maxPageSize} inclusive.`,
    );
  }
  return size;
}

function skipOf(call: Call): number {
  const token = call.query.get('$skiptoken');
  if (token === null) return 0;
  const at = Number(/^at:(\d{1,7})$/.exec(Buffer.from(token, 'base64url').toString())?.[1] ?? Number.NaN);
  if (Number.isNaN(at)) refuse(call, 400, 'Skip token is not valid.', 'Directory_ExpiredPageToken');
  return at;
}

function nextLink(call: Call, at: number): string {
  const query = new URLSearchParams(call.query);
  query.set('$skiptoken', Buffer.from(`at:${at}`).toString('base64url'));
  return `${call.origin}${call.path}?${query.toString()}`;
}
