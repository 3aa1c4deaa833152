import { journalMaxRows, untrusted, type JournalEntry } from '@sallyport/evidence';
import { z } from 'zod';
import type { ServiceNowClient } from './service-now-client';
import { ServiceNowError } from './service-now-error';
import { dateValue, fieldValue, sysIdOf } from './table-values';

const rowSchema = z.object({
  element: z.enum(['work_notes', 'comments']),
  element_id: fieldValue,
  value: fieldValue,
  sys_created_on: dateValue,
  sys_created_by: fieldValue,
});
const journalSchema = z.object({ result: z.array(rowSchema) });

/**
 * The newest entries of an incident's journal. Context for people, never a ground for a decision: where it cannot be
 * read (most instances hide it behind an ACL of its own) nothing waits for it.
 *
 * @returns newest first, or null where the instance did not show it, or not in time
 */
export async function readJournal(client: ServiceNowClient, sysId: string): Promise<JournalEntry[] | null> {
  const id = sysIdOf(sysId);
  try {
    const { body } = await client.call({
      method: 'GET',
      resource: 'sys_journal_field',
      query: {
        sysparm_query: [
          'name=incident',
          `element_id=${id}`,
          'elementINwork_notes,comments',
          'ORDERBYDESCsys_created_on',
        ].join('^'),
        sysparm_fields: 'element,element_id,value,sys_created_on,sys_created_by',
        sysparm_limit: String(journalMaxRows),
      },
    });
    const parsed = journalSchema.safeParse(body);
    if (!parsed.success) return null;
    // Checked again here: a term that the instance does not understand is dropped and returns more rows.
    return parsed.data.result
      .filter((row) => row.element_id === id)
      .slice(0, journalMaxRows)
      .map((row) => ({
        at: row.sys_created_on,
        kind: row.element,
        author: untrusted(row.sys_created_by),
        text: untrusted(row.value),
      }));
  } catch (error) {
    if (error instanceof ServiceNowError) return null;
    throw error;
  }
}
