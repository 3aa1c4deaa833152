import type { Instant, Reading, Ticket, UnknownReason } from '@sallyport/evidence';
import { clientRequestId } from '@sallyport/idempotency';
import { z, ZodError } from 'zod';
import { ServiceNowError, type ServiceNowErrorKind } from './service-now-error';
import type { ServiceNowClient } from './service-now-client';
import { countValue, databaseDate, dateValue, fieldValue, flagValue, sysIdOf } from './table-values';
import { readJournal } from './journal';
import { SubjectProblem, ticketFields, ticketFrom, type TicketView } from './ticket';

export interface TicketChange {
  sysId: string;
  number: string;
  modCount: number;
  updatedAt: Instant;
  category: string;
  reopenCount: number;
  /** Closed and cancelled tickets are not active. */
  active: boolean;
}

const answerSchema = z.object({ result: z.unknown() });
const changeRowSchema = z.object({
  sys_id: fieldValue.pipe(z.string().regex(/^[0-9a-f]{32}$/)),
  number: fieldValue,
  sys_mod_count: countValue,
  sys_updated_on: dateValue,
  category: fieldValue,
  reopen_count: countValue,
  active: flagValue,
});
const changeFields = 'sys_id,number,sys_mod_count,sys_updated_on,category,reopen_count,active';

/** Small enough for one transaction of the instance, large enough that a poll is one or two calls. */
const pageRows = 100;
/** Where pages follow by offset: fewer rows than these may change between two of them without one being missed. */
const overlapRows = 50;
/** Pages can be empty, as the limit applies before the ACL: without a bound a blind user would page forever. */
const pagesMax = 50;
/** Code of the error where that is not enough, as for 2,500 rows of one second. */
export const tooManyPages = 'tooManyPages';

export class TicketReader {
  constructor(
    private readonly client: ServiceNowClient,
    private readonly now: () => Date = () => new Date(),
  ) {}

  /**
   * Reads an incident and its journal. Never throws for an answer of ServiceNow. ServiceNow has no request ids of
   * either side: ours is derived for the evidence only, and not sent.
   */
  async ticket(
    sysId: string,
    view: TicketView,
    trace: readonly (string | number)[],
  ): Promise<Reading<Ticket>> {
    const resource = `incident/${sysIdOf(sysId)}`;
    const query = { sysparm_fields: ticketFields(fieldPathOf(view.subjectField), view.personColumn) };
    const source = {
      call: 'GET incident/{sys_id}',
      requestId: null,
      clientRequestId: clientRequestId(...trace, 'ticket', 0),
      readAt: this.now().toISOString(),
    };
    try {
      const { body } = await this.client.call({ method: 'GET', resource, query });
      const row = answerSchema.parse(body).result;
      const value = ticketFrom(row, view, await readJournal(this.client, sysId));
      if (value.sysId !== sysId) throw new SubjectProblem('invalid', 'another record was answered');
      return { state: 'known', value, source };
    } catch (error) {
      return { state: 'unknown', ...unknownFrom(error), source };
    }
  }

  /**
   * Incidents that changed at or after `since`, oldest first, at most `limit`: the poll that finds what no webhook
   * told us. Overlap the watermark: `sys_updated_on` has whole seconds.
   *
   * @param query an encoded query from configuration that says which incidents concern us
   * @throws ServiceNowError, `pagesMoved` where rows changed so fast that one may be missing, {@link tooManyPages} where
   * asking again does not help; TypeError for a query that
   * could widen the list
   */
  async changedSince(since: Instant, query: string, limit: number): Promise<TicketChange[]> {
    const changes = new Map<string, TicketChange>();
    let [from, offset, anchor]: [Instant, number, string | null] = [since, 0, null];
    for (let page = 0; changes.size < limit; page++) {
      if (page === pagesMax) {
        throw new ServiceNowError({ kind: 'invalidAnswer', status: 200, code: tooManyPages });
      }
      const { rows, more } = await this.changesPage(query, from, offset);
      if (anchor && !rows.some(({ sysId }) => sysId === anchor)) {
        throw new ServiceNowError({ kind: 'unavailable', status: 200, code: 'pagesMoved' });
      }
      for (const change of rows) {
        // A term that the instance does not understand is dropped without a word, so the list may hold too much.
        if (change.updatedAt >= `${since.slice(0, 19)}.000Z`) changes.set(change.sysId, change);
      }
      if (!more) break;
      const last = rows.at(-1);
      // By time, not by offset: a row that changes between two questions moves to the end, and all others move up.
      if (last && last.updatedAt.slice(0, 19) > from.slice(0, 19)) {
        [from, offset, anchor] = [last.updatedAt, 0, null];
      } else {
        // A second fuller than a page, or rows that we may not see. Where we see all of them, the last one must be met again.
        offset += pageRows - overlapRows;
        anchor = rows.length === pageRows ? (last?.sysId ?? null) : null;
      }
    }
    return [...changes.values()].sort(byTime).slice(0, limit);
  }

  private async changesPage(query: string, from: Instant, offset: number) {
    const { body, headers } = await this.client.call({
      method: 'GET',
      resource: 'incident',
      query: {
        sysparm_query: [
          narrowing(query),
          `sys_updated_on>=${databaseDate(from)}`,
          'ORDERBYsys_updated_on',
          'ORDERBYsys_id',
        ].join('^'),
        sysparm_fields: changeFields,
        sysparm_limit: String(pageRows),
        sysparm_offset: String(offset),
      },
    });
    const rows = changesFrom(body);
    // The limit applies before the ACL: a short page does not mean the end where a next link says otherwise.
    return { rows, more: rows.length >= pageRows || /rel="?next"?/.test(headers.get('link') ?? '') };
  }
}

const byTime = (a: TicketChange, b: TicketChange) =>
  a.updatedAt === b.updatedAt ? (a.sysId < b.sysId ? -1 : 1) : a.updatedAt < b.updatedAt ? -1 : 1;

function changesFrom(body: unknown): TicketChange[] {
  const parsed = z.object({ result: z.array(changeRowSchema) }).safeParse(body);
  if (!parsed.success) {
    throw new ServiceNowError({
      kind: 'invalidAnswer',
      status: 200,
      code: 'wrongShape',
      cause: parsed.error,
    });
  }
  return parsed.data.result.map((row) => ({
    sysId: row.sys_id,
    number: row.number,
    modCount: row.sys_mod_count,
    updatedAt: row.sys_updated_on,
    category: row.category,
    reopenCount: row.reopen_count,
    active: row.active,
  }));
}

/** `^NQ` starts a second query beside ours, `^EQ` ends it; an order would break the paging. */
function narrowing(query: string): string {
  if (query === '' || /\^NQ|\^EQ|ORDERBY/i.test(query)) {
    throw new TypeError('the backfill query must be set and must not contain ^NQ, ^EQ or ORDERBY');
  }
  return query;
}

function fieldPathOf(field: string): string {
  if (!/^[a-z0-9_]+(\.[a-z0-9_]+){0,3}$/.test(field)) throw new TypeError(`${field} is not a field name`);
  return field;
}

const reasonByKind: Record<ServiceNowErrorKind, UnknownReason> = {
  throttled: 'unavailable',
  unavailable: 'unavailable',
  forbidden: 'forbidden',
  notFound: 'notFound',
  invalidAnswer: 'invalid',
  rejected: 'invalid',
};

/** Rethrows what is our own mistake. */
function unknownFrom(error: unknown): { reason: UnknownReason; detail: string } {
  if (error instanceof SubjectProblem) return { reason: error.reason, detail: error.message };
  if (error instanceof ServiceNowError) return { reason: reasonByKind[error.kind], detail: error.message };
  if (error instanceof ZodError) {
    const fields = error.issues.slice(0, 5).map((issue) => issue.path.join('.'));
    return { reason: 'invalid', detail: `unexpected answer at ${fields.join(', ')}`.slice(0, 500) };
  }
  throw error;
}
