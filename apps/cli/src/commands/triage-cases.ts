import type { Action, CaseEvent, Decision, Evidence } from '@sallyport/evidence';
import { soundEvents, withCaseLog } from './policy-cases';

/** Cases per read, and per file: `eval` takes no more. */
const page = 200;
const maxCases = 1_000;

interface LabelledCase {
  name: string;
  evidence: Evidence;
  allowed: Action[];
  outcome: Action | 'none';
}

/** `sallyport triage cases`: decided proposals as labelled cases, JSON on the standard output. @returns the exit code */
export function triageCases(): Promise<number> {
  return withCaseLog('triage cases', async (log) => {
    const cases: LabelledCase[] = [];
    for (
      let ids = await log.caseIds('', page);
      ids.length > 0 && cases.length < maxCases;
      ids = await log.caseIds(ids.at(-1) ?? '', page)
    ) {
      for (const id of ids) cases.push(...labelledCases(id, await soundEvents(log, id)));
    }
    console.log(JSON.stringify({ cases: cases.slice(0, maxCases) }, null, 1));
    return 0;
  });
}

/**
 * One per question that people answered. A question that ran out is no opinion of anybody. Who denies the release of a
 * contained account leaves it contained: that is what people decided.
 */
export function labelledCases(caseId: string, events: readonly CaseEvent[]): LabelledCase[] {
  const found: LabelledCase[] = [];
  let evidence: Evidence | null = null;
  let decision: Decision | null = null;
  let subjectId: string | null = null;
  let contained = false;
  for (const event of events) {
    if (event.type === 'evidence.collected') {
      // Somebody corrected the ticket: another account.
      if (event.subjectId !== subjectId) contained = false;
      ({ evidence, subjectId } = event);
    }
    if (event.type === 'execution.completed' && event.result === 'done')
      contained = event.slot === 'immediate' || decision?.proposed?.action === 'contain';
    if (event.type === 'policy.decided') decision = event.decision;
    if (event.type !== 'approval.decided' || event.outcome === 'expired') continue;
    const proposed = decision?.proposed;
    if (!evidence || !decision || !proposed) continue;
    const { rulings } = decision;
    const allowed = (['contain', 'close', 'release'] as const).filter(
      (action) => rulings[action].effect === 'permit',
    );
    const left = contained && allowed.includes('contain') ? 'contain' : 'none';
    const outcome = event.outcome === 'approved' ? proposed.action : left;
    found.push({ name: `${caseId} ${found.length + 1}`, evidence, allowed, outcome });
  }
  return found;
}
