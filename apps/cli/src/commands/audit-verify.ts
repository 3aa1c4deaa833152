import { findChainFault } from '@sallyport/case';
import { CaseLog, CaseLogDamaged, caseLogOptions } from '@sallyport/case-log';
import { readConfig } from '@sallyport/service';
import { DataSource } from 'typeorm';
import { z } from 'zod';

const verifyEnv = z.object({ DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }) });

/** Cases per read. */
const page = 200;

export interface ChainFault {
  caseId: string;
  seq: number | null;
  fault: string;
}

/** Checks every case's hash chain. Bounded memory: one case at a time. */
export async function findDamage(log: CaseLog): Promise<{ cases: number; faults: ChainFault[] }> {
  const faults: ChainFault[] = [];
  let cases = 0;
  for (
    let ids = await log.caseIds('', page);
    ids.length > 0;
    ids = await log.caseIds(ids.at(-1) ?? '', page)
  ) {
    for (const caseId of ids) {
      cases += 1;
      try {
        const { links, head } = await log.read(caseId);
        const fault = head && findChainFault(caseId, links, head);
        if (fault) faults.push({ caseId, ...fault });
      } catch (error) {
        if (!(error instanceof CaseLogDamaged)) throw error;
        faults.push({ caseId, seq: null, fault: error.message });
      }
    }
  }
  return { cases, faults };
}

/** `sallyport audit verify`. @returns 0 where every chain is intact, else 1 */
export async function auditVerify(): Promise<number> {
  const { DATABASE_URL } = readConfig('audit verify', verifyEnv, process.env);
  const db = await new DataSource(caseLogOptions(DATABASE_URL, 'sallyport-audit-verify')).initialize();
  try {
    const { cases, faults } = await findDamage(new CaseLog(db));
    for (const { caseId, seq, fault } of faults)
      console.log(`${caseId}${seq === null ? '' : `, event ${seq}`}: ${fault}`);
    console.log(`${cases} cases checked, ${faults.length} damaged.`);
    return faults.length === 0 ? 0 : 1;
  } finally {
    await db.destroy();
  }
}
