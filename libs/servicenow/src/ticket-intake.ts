import { z } from 'zod';
import type { ServiceNowClient } from './service-now-client';
import { ServiceNowError } from './service-now-error';
import { countValue, fieldValue, objectIdOrNull } from './table-values';

/** An incident as far as opening a case needs it. */
export interface IntakeTicket {
  sysId: string;
  number: string;
  reopenCount: number;
}

export interface IntakeCreated extends IntakeTicket {
  /** Columns that came back other than sent: an ACL protects them, with 201 all the same. */
  ignored: string[];
}

const ticketRow = z.looseObject({
  sys_id: fieldValue.pipe(z.string().regex(/^[0-9a-f]{32}$/)),
  number: fieldValue.pipe(z.string().min(1).max(100)),
  reopen_count: countValue,
});
const ticketFields = ['sys_id', 'number', 'reopen_count', 'correlation_id'];

/** Makes incidents of alerts. The Table API knows no idempotency: `correlation_id` is how we find our own again. */
export class TicketIntake {
  constructor(private readonly client: ServiceNowClient) {}

  /**
   * The incident with this `correlation_id`, the oldest where there are several (the column is not unique), or null.
   * @throws ServiceNowError; TypeError for an id that could change the query
   */
  async find(correlationId: string): Promise<IntakeTicket | null> {
    if (!/^[a-z0-9-]{1,100}$/.test(correlationId)) throw new TypeError('expected a plain correlation id');
    const rows = await this.list(
      'incident',
      `correlation_id=${correlationId}^ORDERBYsys_created_on`,
      ticketFields,
    );
    // A term that the instance does not understand is dropped without a word: any incident could come back.
    const row = rows.find(
      (candidate) => fieldValue.safeParse(candidate['correlation_id']).data === correlationId,
    );
    return row ? ticketFrom(row) : null;
  }

  /**
   * The one `sys_user` whose `column` holds this directory object id. None or several: null, never a guess.
   * @throws ServiceNowError
   */
  async userSysId(column: string, objectId: string): Promise<string | null> {
    const id = objectIdOrNull(objectId);
    if (id === null || !/^[a-z0-9_]+$/.test(column))
      throw new TypeError('expected a column and an object id');
    const rows = await this.list('sys_user', `${column}=${id}`, ['sys_id', column]);
    const matching = rows.filter(
      (row) => objectIdOrNull(fieldValue.safeParse(row[column]).data ?? '') === id,
    );
    const [only, second] = matching;
    if (only === undefined || second !== undefined) return null;
    const sysId = fieldValue.safeParse(only['sys_id']).data ?? '';
    return /^[0-9a-f]{32}$/.test(sysId) ? sysId : null;
  }

  /**
   * One POST, never repeated here. After `unavailable` it is open whether the incident exists: ask {@link find}.
   * @throws ServiceNowError
   */
  async create(fields: Readonly<Record<string, string>>): Promise<IntakeCreated> {
    for (const field of Object.keys(fields)) {
      if (!/^[a-z0-9_]+$/.test(field) || field.startsWith('sys_'))
        throw new TypeError(`${field} cannot be sent`);
    }
    const asked = [...new Set([...ticketFields, ...Object.keys(fields)])];
    const { body, status } = await this.client.call({
      method: 'POST',
      resource: 'incident',
      query: { sysparm_fields: asked.join(',') },
      body: fields,
    });
    const parsed = z.object({ result: ticketRow }).safeParse(body);
    // It was written, only where is not said: to the caller the same as an answer that never came.
    if (!parsed.success) throw new ServiceNowError({ kind: 'unavailable', status, code: 'recordShape' });
    const record = parsed.data.result;
    const ignored = Object.entries(fields)
      .filter(([field, value]) => plain(fieldValue.safeParse(record[field]).data ?? '') !== plain(value))
      .map(([field]) => field);
    return { ...ticketOf(record), ignored };
  }

  private async list(resource: string, query: string, fields: string[]): Promise<Record<string, unknown>[]> {
    const { body, status } = await this.client.call({
      method: 'GET',
      resource,
      query: { sysparm_query: query, sysparm_fields: fields.join(','), sysparm_limit: String(rowsMax) },
    });
    const parsed = z.object({ result: z.array(z.record(z.string(), z.unknown())) }).safeParse(body);
    if (!parsed.success) throw new ServiceNowError({ kind: 'invalidAnswer', status, code: 'listShape' });
    return parsed.data.result;
  }
}

/** One is expected; a few more tell that there are several, or that the instance did not understand the question. */
const rowsMax = 10;

function ticketFrom(row: unknown): IntakeTicket {
  const parsed = ticketRow.safeParse(row);
  if (!parsed.success) {
    throw new ServiceNowError({
      kind: 'invalidAnswer',
      status: 200,
      code: 'recordShape',
      cause: parsed.error,
    });
  }
  return ticketOf(parsed.data);
}

const ticketOf = (row: z.output<typeof ticketRow>): IntakeTicket => ({
  sysId: row.sys_id,
  number: row.number,
  reopenCount: row.reopen_count,
});

/** The instance may change line ends and cut white space at the ends; neither is a refusal. */
const plain = (text: string) => text.replace(/\r\n/g, '\n').trim();
