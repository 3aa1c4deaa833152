import {
  type ChangedOutcome,
  gravestFirst,
  outcomeWords,
  type Pack,
  type PackProblem,
  redecide,
} from '@sallyport/policy';
import { type CaseLog } from '@sallyport/case-log';
import pc from 'picocolors';
import { z } from 'zod';
import { decisionsOf, soundEvents, withCaseLog } from './policy-cases';
import { PolicyProblems, readPolicyFolder, readYaml } from './policy-folder';
import { paragraph } from './policy-columns';

/** Cases per read. One case is in memory at a time. */
const page = 200;

/** Who answers for the cases that the changed pack would release or close. Bound to the text of that pack. */
const signOffSchema = z.strictObject({
  policySetHash: z.string().regex(/^[0-9a-f]{64}$/, 'the hash that `policy check` prints'),
  cases: z.array(z.strictObject({ case: z.string(), by: z.string().min(1), reason: z.string().min(1) })),
});

export interface BacktestOptions {
  from: Date;
  to: Date;
  pack: string;
  signOff?: string;
}

const titles: Record<ChangedOutcome['kind'], string> = {
  released: 'NEWLY RELEASED',
  closed: 'NEWLY CLOSED',
  notContained: 'no longer contained',
  unattended: 'looked at by fewer',
  contained: 'newly contained',
  notReleased: 'no longer released',
  other: 'otherwise',
};

/** Nobody looks at the case afterwards. */
const needSignOff: ReadonlySet<ChangedOutcome['kind']> = new Set(['released', 'closed']);

/** A rehearsal over no time. */
export class EmptyTime extends Error {}

/**
 * `sallyport policy backtest`.
 *
 * @returns 1 where a case would be released or closed and nobody has signed for it, 2 where there was no case to decide
 * @throws EmptyTime
 */
export async function policyBacktest(options: BacktestOptions): Promise<number> {
  const [from, to] = [options.from.toISOString(), options.to.toISOString()];
  if (from >= to)
    throw new EmptyTime(`--from ${from} is not before --to ${to}: write the earlier time first.`);
  const { pack } = readPolicyFolder(options.pack);
  const signedOff = signedCases(options.signOff, pack);
  return withCaseLog('policy backtest', async (log) => {
    const { cases, changed } = await backtest(log, pack, options);
    if (cases === 0) {
      console.error(
        `No case was decided from ${from} to ${to}, so nothing is shown. Name a time in which cases were decided.`,
      );
      return 2;
    }
    for (const change of changed) {
      const head = `${titles[change.kind]}  ${change.caseId}, ticket ${change.ticketNumber}, decided at ${change.at}`;
      console.log(needSignOff.has(change.kind) ? pc.red(head) : head);
      console.log(paragraph(`before: ${outcomeWords(change.before)}`, '  '));
      const signed = signedOff.has(change.caseId) ? ' (signed off)' : '';
      console.log(paragraph(`after:  ${outcomeWords(change.after)}${signed}`, '  '));
    }
    const open = changed.filter(({ kind, caseId }) => needSignOff.has(kind) && !signedOff.has(caseId));
    console.log(
      `${pack.name}, policySetHash: ${pack.policySetHash}\n` +
        `${cases} ${cases === 1 ? 'case' : 'cases'} decided again: ${changed.length} would end otherwise, ` +
        `${open.length} newly released or closed without sign-off.`,
    );
    return open.length === 0 ? 0 : 1;
  });
}

/** Decides every recorded decision of [from, to) again. A damaged case stops it: a proof from a damaged log is none. */
export async function backtest(
  log: CaseLog,
  pack: Pack,
  { from, to }: Pick<BacktestOptions, 'from' | 'to'>,
): Promise<{ cases: number; changed: ChangedOutcome[] }> {
  const changed: ChangedOutcome[] = [];
  let cases = 0;
  for (let ids = await log.caseIds('', page); ids.length > 0; ids = await log.caseIds(ids.at(-1) ?? '', page))
    for (const caseId of ids) {
      const decisions = decisionsOf(caseId, await soundEvents(log, caseId)).filter(
        ({ at }) => Date.parse(at) >= from.getTime() && Date.parse(at) < to.getTime(),
      );
      if (decisions.length > 0) cases += 1;
      changed.push(...decisions.flatMap((decision) => redecide(decision, pack) ?? []));
    }
  return { cases, changed: gravestFirst(changed) };
}

/** @throws PolicyProblems where the file is none, or was signed for another text of the pack */
function signedCases(path: string | undefined, pack: Pack): ReadonlySet<string> {
  if (path === undefined) return new Set();
  const problems: PackProblem[] = [];
  const file = readYaml(path, signOffSchema, problems);
  if (file && file.value.policySetHash !== pack.policySetHash)
    problems.push({
      path,
      line: file.lineAt(['policySetHash']),
      message: `the sign-off is for another text of the pack, this one is ${pack.policySetHash}`,
      remedy: 'look at the changed cases again and sign for this text',
    });
  if (!file || problems.length > 0) throw new PolicyProblems(problems);
  return new Set(file.value.cases.map((signed) => signed.case));
}
