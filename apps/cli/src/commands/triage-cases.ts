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

/** A question to people, and what can still change what they made of it. */
interface Question {
  labelled: LabelledCase;
  action: Action;
  /** What a no leaves: a contained account stays contained. */
  otherwise: LabelledCase['outcome'];
  /** A step of it was applied; a review then names only those that are left. */
  begun: boolean;
}

/**
 * One per question that people answered, with what they decided in the end. Who denies the release of a contained account leaves it
 * contained. A question that ran out is no opinion of anybody, and an approval that became void was overtaken; but whoever ends the
 * review that follows says what was done by hand, or that nothing more is.
 */
export function labelledCases(caseId: string, events: readonly CaseEvent[]): LabelledCase[] {
  const found = new Map<LabelledCase, LabelledCase['outcome']>();
  let evidence: Evidence | null = null;
  let decision: Decision | null = null;
  let subjectId: string | null = null;
  let contained = false;
  let last: Question | null = null;
  for (const event of events) {
    if (event.type === 'evidence.collected') {
      // Somebody corrected the ticket: another account.
      if (event.subjectId !== subjectId) contained = false;
      ({ evidence, subjectId } = event);
      last = null;
    }
    if (event.type === 'execution.completed' && event.result === 'done')
      contained = event.slot === 'immediate' || decision?.proposed?.action === 'contain';
    if (event.type === 'action.finished' && event.slot === 'proposed' && event.outcome === 'applied' && last)
      last.begun = true;
    // What is carried out stays what they decided, whatever a later review is about.
    if (event.type === 'execution.completed' && event.slot === 'proposed' && event.result === 'done')
      last = null;
    if (event.type === 'execution.completed' && event.result === 'void' && last) found.delete(last.labelled);
    if (event.type === 'policy.decided') decision = event.decision;
    if (event.type === 'review.resolved' && last) {
      const outcome = outcomeByHand(event, last);
      if (outcome) found.set(last.labelled, outcome);
      else found.delete(last.labelled);
    }
    if (event.type !== 'approval.decided') continue;
    const proposed = decision?.proposed;
    if (!evidence || !decision || !proposed) continue;
    const { rulings } = decision;
    const allowed = (['contain', 'close', 'release'] as const).filter(
      (action) => rulings[action].effect === 'permit',
    );
    const otherwise = contained && allowed.includes('contain') ? 'contain' : 'none';
    const outcome = event.outcome === 'approved' ? proposed.action : otherwise;
    last = {
      labelled: { name: '', evidence, allowed, outcome },
      action: proposed.action,
      otherwise,
      begun: false,
    };
    if (event.outcome !== 'expired') found.set(last.labelled, outcome);
  }
  return [...found].map(([labelled, outcome], n) => ({ ...labelled, name: `${caseId} ${n + 1}`, outcome }));
}

/** What somebody who ended the review says of what had been asked; null where half of it was done, or it is tried again. */
function outcomeByHand(
  { resolution, steps }: Extract<CaseEvent, { type: 'review.resolved' }>,
  { labelled, action, otherwise, begun }: Question,
): LabelledCase['outcome'] | null {
  const asked = steps.filter(({ slot }) => slot === 'proposed');
  switch (resolution) {
    case 'retry':
      return null;
    case 'close':
      return begun ? null : otherwise;
    case 'doneByHand':
      if (asked.length === 0) return labelled.outcome;
      if (asked.every(({ done }) => done)) return action;
      return begun || asked.some(({ done }) => done) ? null : otherwise;
  }
}
