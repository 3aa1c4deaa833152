import { type CaseEvent } from '@sallyport/evidence';
import { findChainFault } from '@sallyport/case';
import { CaseLog, CaseLogDamaged, caseLogOptions } from '@sallyport/case-log';
import { type RecordedDecision } from '@sallyport/policy';
import { readConfig } from '@sallyport/service';
import { DataSource, QueryFailedError } from 'typeorm';
import { z } from 'zod';

const casesEnv = z.object({ DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }) });

/** The database does not let us in, or not read. */
export class CaseLogClosed extends Error {}

/** Opens the case log of DATABASE_URL for one command. @throws ConfigError, CaseLogClosed */
export async function withCaseLog<T>(command: string, use: (log: CaseLog) => Promise<T>): Promise<T> {
  const { DATABASE_URL } = readConfig(command, casesEnv, process.env);
  const options = caseLogOptions(DATABASE_URL, `sallyport-${command.replaceAll(' ', '-')}`);
  const db = await new DataSource(options).initialize().catch((cause: unknown) => {
    // Where a name has several addresses, the error is many and has only a code.
    const { message, code } = cause as { message?: string; code?: string };
    const reason = message || code || 'no reason given';
    throw new CaseLogClosed(
      `The case log cannot be opened: ${reason}. Remedy: see that Postgres runs and that DATABASE_URL is right.`,
      { cause },
    );
  });
  try {
    return await use(new CaseLog(db));
  } catch (cause) {
    if (!(cause instanceof QueryFailedError)) throw cause;
    throw new CaseLogClosed(
      `The case log cannot be read: ${cause.message}. Remedy: see that DATABASE_URL names a database on which \`sallyport migrate\` has run, and a role that may read it.`,
      { cause },
    );
  } finally {
    await db.destroy();
  }
}

/** The events of a case whose chain is whole; none where there is no such case. @throws CaseLogDamaged */
export async function soundEvents(log: CaseLog, caseId: string): Promise<CaseEvent[]> {
  const { links, head } = await log.read(caseId);
  const fault = head && findChainFault(caseId, links, head);
  if (fault) throw new CaseLogDamaged(`${caseId}, event ${fault.seq}: ${fault.fault}`);
  return links.map(({ event }) => event);
}

/** Every decision of a case with the evidence before it, in order. */
export function decisionsOf(caseId: string, events: readonly CaseEvent[]): RecordedDecision[] {
  const found: RecordedDecision[] = [];
  let evidence: RecordedDecision['evidence'] | null = null;
  let ticketNumber = '';
  for (const event of events) {
    if (event.type === 'case.opened') ticketNumber = event.ticketNumber;
    if (event.type === 'evidence.collected') evidence = event.evidence;
    if (event.type === 'policy.decided' && evidence)
      found.push({ caseId, ticketNumber, at: event.at, evidence, decision: event.decision });
  }
  return found;
}
