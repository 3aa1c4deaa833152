import { type SimulatedServiceNowClient } from '@sallyport/scenario';
import { type Answer, type Call, matchRoute, type Outcome, type Surface } from '../surface';
import { type World } from '../world';
import { runQuery } from './encoded-query';
import {
  changeIncident,
  createIncident,
  fieldsSchema,
  type IncidentChange,
  PolicyAbort,
  subjectsOf,
} from './incident-writes';
import { OAuth } from './oauth';
import { recordView } from './record-view';
import { isTableName, rowsOf, serviceUserSysId, type TableName } from './tables';

const defaultLimit = 10_000;
const routes = [
  { method: 'GET', path: '/api/now/v2/table/{table}', kind: 'list' },
  { method: 'POST', path: '/api/now/v2/table/{table}', kind: 'create' },
  { method: 'GET', path: '/api/now/v2/table/{table}/{sysId}', kind: 'read' },
  { method: 'PATCH', path: '/api/now/v2/table/{table}/{sysId}', kind: 'change' },
  { method: 'PUT', path: '/api/now/v2/table/{table}/{sysId}', kind: 'change' },
] as const;

/** A ServiceNow instance: the Table API v2 for the tables around an incident, and the OAuth token endpoint. */
export function serviceNowSurface(world: World): Surface<SimulatedServiceNowClient | null> {
  const oauth = new OAuth();
  return {
    name: 'servicenow',
    authenticate: (call) => {
      if (call.path === '/oauth_token.do') return Promise.resolve({ caller: null });
      const client = oauth.whoHolds(call.header('authorization'));
      if (client !== null) return Promise.resolve({ caller: client });
      const refused = failure(401, 'User Not Authenticated', 'Required to provide Auth information');
      return Promise.resolve({ refused });
    },
    answer: (call, client) =>
      client === null ? { answer: oauth.issue(call) } : answerTable(call, client, world),
    failure: (status) =>
      status === 429
        ? failure(429, 'Rate limit exceeded', 'Rate limit of 5000 requests per hour for Table API exceeded')
        : failure(status, 'Operation Failed', 'The instance could not process the request'),
  };
}

function answerTable(call: Call, client: SimulatedServiceNowClient, world: World): Outcome {
  const match = matchRoute(routes, call.method, call.segments);
  if (match === null) return refuse(400, 'Requested URI does not represent any resource', call.path);
  if ('allowed' in match) return refuse(405, 'Method not allowed', call.method);
  const wrongHeader = headerProblem(call);
  if (wrongHeader !== null) return { answer: wrongHeader };
  const { table = '', sysId = '' } = match.params;
  if (!isTableName(table)) return refuse(400, 'Invalid table', `${table} is not defined`);
  const { kind } = match.route;
  if (kind === 'list') return { answer: list(call, table, world) };
  if (kind === 'read') return { answer: read(call, table, sysId, world) };
  return write(call, client, table, kind === 'create' ? null : sysId, world);
}

function list(call: Call, table: TableName, { state }: World): Answer {
  const view = recordView(call, table, state);
  const query = call.query.get('sysparm_query') ?? '';
  const rows = runQuery(rowsOf(table, call.view, state), query, view.knows, view.read);
  const limit = whole(call, 'sysparm_limit', defaultLimit);
  const offset = whole(call, 'sysparm_offset', 0);
  const page = call.emptyPage ? [] : rows.slice(offset, offset + limit);
  const more = call.emptyPage || offset + limit < rows.length;
  return {
    status: 200,
    headers: {
      'X-Total-Count': String(rows.length),
      ...(more ? { Link: link(call, limit, call.emptyPage ? offset : offset + limit) } : {}),
    },
    body: { result: page.map(view.record) },
  };
}

function read(call: Call, table: TableName, sysId: string, { state }: World): Answer {
  const row = rowsOf(table, call.view, state).find((candidate) => candidate['sys_id'] === sysId);
  return row === undefined
    ? noRecord
    : { status: 200, body: { result: recordView(call, table, state).record(row) } };
}

function write(
  call: Call,
  client: SimulatedServiceNowClient,
  table: TableName,
  sysId: string | null,
  { state }: World,
): Outcome {
  const suffices = sysId === null ? ['sn_incident_write', 'u_incident_create'] : ['sn_incident_write'];
  if (table !== 'incident' || !client.roles.some((role) => suffices.includes(role))) {
    return refuse(403, 'Operation Failed', 'ACL Exception Update Failed due to security constraints');
  }
  const fields = fieldsSchema.safeParse(call.body);
  if (!fields.success) return refuse(400, 'Exception while reading request', 'The payload is not valid JSON');
  const before = sysId === null ? undefined : call.view.incidents.get(sysId);
  if (sysId !== null && before === undefined) return { answer: noRecord };
  const by = serviceUserSysId(client.userName);
  try {
    const change =
      before === undefined
        ? createIncident(fields.data, client.userName, by, call.now)
        : changeIncident(before, fields.data, client.userName, by, call.now);
    return outcomeOf(call, change, before === undefined, state);
  } catch (error) {
    if (!(error instanceof PolicyAbort)) throw error;
    const target = sysId ?? 'new';
    const subjects = before === undefined ? [] : subjectsOf(before, call.view);
    return {
      ...refuse(403, 'Operation Failed', error.message),
      writes: [{ operation: sysId === null ? 'ticketCreate' : 'ticketPatch', target, subjects }],
    };
  }
}

function outcomeOf(
  call: Call,
  { row, write: asked, effect }: IncidentChange,
  created: boolean,
  state: World['state'],
): Outcome {
  const location = created ? { Location: `${call.origin}/api/now/v2/table/incident/${row.sys_id}` } : {};
  const silent = call.header('x-no-response-body') === 'true';
  return {
    answer: {
      status: created ? 201 : 200,
      headers: location,
      ...(silent ? {} : { body: { result: recordView(call, 'incident', state).record(row) } }),
    },
    writes: [{ ...asked, subjects: subjectsOf(row, call.view) }],
    effect,
  };
}

function headerProblem(call: Call): Answer | null {
  const accept = call.header('accept') ?? '*/*';
  if (!/application\/json|\*\/\*|application\/\*/.test(accept)) {
    return failure(406, 'Not Acceptable', `Unsupported Accept header: ${accept}`);
  }
  if (call.method !== 'GET' && !(call.header('content-type') ?? '').includes('application/json')) {
    return failure(415, 'Unsupported Media Type', 'Content-Type must be application/json');
  }
  return null;
}

function whole(call: Call, name: string, otherwise: number): number {
  const value = Number(call.query.get(name) ?? otherwise);
  return Number.isInteger(value) && value >= 0 ? value : otherwise;
}

function link(call: Call, limit: number, offset: number): string {
  const query = new URLSearchParams(call.query);
  query.set('sysparm_limit', String(limit));
  query.set('sysparm_offset', String(offset));
  return `<${call.origin}${call.path}?${query.toString()}>;rel="next"`;
}

const failure = (status: number, message: string, detail: string): Answer => ({
  status,
  body: { error: { message, detail }, status: 'failure' },
});
const refuse = (status: number, message: string, detail: string): Outcome => ({
  answer: failure(status, message, detail),
});
const noRecord = failure(
  404,
  'No Record found',
  "Record doesn't exist or ACL restricts the record retrieval",
);
