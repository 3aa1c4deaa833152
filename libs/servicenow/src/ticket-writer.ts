import type { Digest } from '@sallyport/evidence';
import { z } from 'zod';
import { markedNote, markerOf } from './note';
import { ServiceNowError } from './service-now-error';
import type { ServiceNowClient } from './service-now-client';
import { countValue, fieldValue, sysIdOf } from './table-values';

export interface TicketWrite {
  /** Key of this one write; the same on every attempt. */
  operationId: Digest;
  /** Becomes an internal work note. Never a comment: comments are mailed to the caller, who may be the attacker. */
  note: string;
  /** Further columns, as database values: numeric state, `close_code` and so on. */
  fields: Readonly<Record<string, string>>;
  /** Columns that are sent too, and that the instance may keep as they were. */
  wished?: Readonly<Record<string, string>>;
}
export interface TicketWritten {
  modCount: number;
  /** An earlier attempt had already written it; nothing was sent this time. */
  alreadyWritten: boolean;
}

/** Journal columns append on each write, and `sys_` columns cannot be written. */
const neverSent = /^(sys_.*|comments|work_notes|comments_and_work_notes)$/;
/** A ticket has few notes of ours; the newest are enough to find one that was written minutes ago. */
const journalRows = 20;

const journalSchema = z.object({
  result: z.array(z.object({ value: fieldValue, sys_created_by: fieldValue.optional() })),
});
const recordSchema = z.object({ result: z.looseObject({ sys_mod_count: countValue }) });

export class TicketWriter {
  /**
   * @param userName the integration user's `user_name`. Where given, only its own journal rows prove a write: anybody
   * with a fulfiller role can write a note that looks like ours.
   */
  constructor(
    private readonly client: ServiceNowClient,
    private readonly userName?: string,
  ) {}

  /**
   * Writes note and fields in one PATCH, at most once per operation id. The Table API knows no idempotency, so the
   * journal is asked before each write, and again after an answer that leaves it open whether the write happened.
   * Where an ACL hides the journal from our user, a repeated attempt can leave a second note, never other fields.
   *
   * @throws ServiceNowError; `retryable` where the same call may be made again, `rejected` with code
   * `fieldIgnored:<field>` where the instance took the write but kept a column as it was.
   */
  async write(
    sysId: string,
    { operationId, note, fields, wished = {} }: TicketWrite,
  ): Promise<TicketWritten> {
    const resource = `incident/${sysIdOf(sysId)}`;
    for (const field of [...Object.keys(fields), ...Object.keys(wished)]) {
      if (!/^[a-z0-9_]+$/.test(field) || neverSent.test(field))
        throw new TypeError(`${field} cannot be sent`);
    }
    if (await this.isWritten(sysId, operationId)) return this.alreadyWritten(resource, fields);

    const query = columnsOf(fields);
    const body = { ...wished, ...fields, work_notes: markedNote(note, operationId) };
    try {
      const answer = await this.client.call({ method: 'PATCH', resource, query, body });
      return { modCount: modCountAfter(answer.body, fields), alreadyWritten: false };
    } catch (error) {
      // `unavailable` may follow a committed write: quota rules cancel the request, not the transaction.
      const open = error instanceof ServiceNowError && error.kind === 'unavailable';
      if (!open || !(await this.isWritten(sysId, operationId))) throw error;
      return this.alreadyWritten(resource, fields);
    }
  }

  private async isWritten(sysId: string, operationId: Digest): Promise<boolean> {
    const marker = markerOf(operationId);
    const { body, status } = await this.client.call({
      method: 'GET',
      resource: 'sys_journal_field',
      query: {
        sysparm_query: [
          'name=incident',
          `element_id=${sysIdOf(sysId)}`,
          'element=work_notes',
          // The hex alone: an encoded query has no escaping, and the marker holds a `=`.
          `valueLIKE${operationId}`,
          'ORDERBYDESCsys_created_on',
        ].join('^'),
        sysparm_fields: 'value,sys_created_by',
        sysparm_limit: String(journalRows),
      },
    });
    const parsed = journalSchema.safeParse(body);
    if (!parsed.success) throw new ServiceNowError({ kind: 'invalidAnswer', status, code: 'journalShape' });
    // Checked again here: a term that the instance does not understand is dropped and returns more rows.
    return parsed.data.result.some(
      (row) =>
        row.value.includes(`[${marker}]`) &&
        (this.userName === undefined || row.sys_created_by === this.userName),
    );
  }

  /** The note is there; whether the fields of the same write are, only the record tells. */
  private async alreadyWritten(
    resource: string,
    fields: Readonly<Record<string, string>>,
  ): Promise<TicketWritten> {
    const { body } = await this.client.call({ method: 'GET', resource, query: columnsOf(fields) });
    return { modCount: modCountAfter(body, fields), alreadyWritten: true };
  }
}

/** What comes back of a record: the columns that were sent, references as plain ids, and the count of changes. */
const columnsOf = (fields: Readonly<Record<string, string>>) => ({
  sysparm_fields: ['sys_id', 'sys_mod_count', ...Object.keys(fields)].join(','),
  sysparm_exclude_reference_link: 'true',
});

/** Columns that an ACL protects are left as they were, with 200: only the returned record tells. */
function modCountAfter(body: unknown, sent: Readonly<Record<string, string>>): number {
  const parsed = recordSchema.safeParse(body);
  if (!parsed.success) {
    throw new ServiceNowError({ kind: 'invalidAnswer', status: 200, code: 'recordShape' });
  }
  const record = parsed.data.result;
  for (const [field, value] of Object.entries(sent)) {
    const kept = fieldValue.safeParse(record[field]);
    if (!kept.success || plainText(kept.data) !== plainText(value)) {
      throw new ServiceNowError({ kind: 'rejected', status: 200, code: `fieldIgnored:${field}` });
    }
  }
  return record.sys_mod_count;
}

/** The instance may change line ends and cut white space at the ends; neither is a refusal. */
const plainText = (text: string) => text.replace(/\r\n/g, '\n').trim();
