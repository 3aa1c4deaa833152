import type { Action, Decision, Triage } from '@sallyport/evidence';
import type { EvidenceItem } from '../input/evidence-items';
import type { Answer } from './answer';
import { type Flaw, flawOf, flawOfQuestion } from './grounding';

const maxStatements = 5;
const maxQuestions = 5;
const maxRecommendationLength = 400;

/** Strictest first. */
export const byStrictness = ['contain', 'close', 'release'] as const satisfies readonly Action[];

/** What policy permits for this case, strictest first: all that a model may rank. */
export function allowedActions({ rulings }: Decision): Action[] {
  return byStrictness.filter((action) => rulings[action].effect === 'permit');
}

export interface Asked {
  /** What policy permits, strictest first: what a model may rank. */
  allowed: readonly Action[];
  /** Policy had the account contained at once, and it is: to release it is what is left to ask. */
  contained: boolean;
}

export interface GroundedAdvice {
  /** null where no statement is left: a recommendation that rests on nothing is not shown either. */
  triage: Triage | null;
  /** Each sentence that was left out, by why; for counting, never shown. */
  flaws: readonly Flaw[];
}

/** What is left of a model's answer once everything is gone that the evidence does not bear out. */
export function groundedAdvice(
  answer: Answer,
  items: readonly EvidenceItem[],
  { allowed, contained }: Asked,
  modelName: string,
): GroundedAdvice {
  const flaws: Flaw[] = [];
  const isShown = (flaw: Flaw | null): boolean => {
    if (flaw) flaws.push(flaw);
    return flaw === null;
  };
  const borneOut = answer.statements.filter((it) => isShown(flawOf(it, items)));
  const statements = borneOut.slice(0, maxStatements);
  const reasons = answer.reasons.filter((it) => isShown(flawOf(it, items)));
  const questions = answer.openQuestions.filter((text) => isShown(flawOfQuestion(text, items)));
  const openQuestions = questions.slice(0, maxQuestions);
  if (statements.length === 0) return { triage: null, flaws };

  const advised = answer.ranking[0] ?? null;
  const [strictest] = contained && allowed.length > 1 ? allowed.filter((it) => it !== 'contain') : allowed;
  const disagreement = strictest && advised !== strictest ? { advised, strictest } : null;
  const recommended = recommendation(
    advised,
    reasons.map(({ text }) => text.trim()),
  );
  const surplus =
    borneOut.length - statements.length + questions.length - openQuestions.length + recommended.left;
  const triage: Triage = {
    v: 1,
    author: { kind: 'model', name: modelName },
    statements: statements.map(({ text }) => text.trim()),
    citations: statements.map(({ cites }) => refsOf(cites, items)),
    recommendation: recommended.text,
    openQuestions: openQuestions.map((text) => text.trim()),
    notes: [
      ...(flaws.length > 0
        ? [`${flaws.length} sentence(s) of the model are left out: the evidence does not bear them out.`]
        : []),
      ...(surplus > 0
        ? [`${surplus} more sentence(s) of the model are left out: there is no room for them.`]
        : []),
    ],
    disagreement,
  };
  return { triage, flaws };
}

function refsOf(cites: readonly string[], items: readonly EvidenceItem[]): string[] {
  const refs = items.filter(({ id }) => cites.includes(id)).map(({ ref }) => ref.slice(0, 200));
  return [...new Set(refs)];
}

const adviceWords: Record<Action, string> = {
  contain: 'The model would contain the account.',
  release: 'The model would release the account.',
  close: 'The model would close the case.',
};

/** As many whole reasons as fit. */
function recommendation(advised: Action | null, reasons: readonly string[]): { text: string; left: number } {
  let text = advised ? adviceWords[advised] : 'The model recommends none of the actions that policy permits.';
  if (reasons.length === 0)
    return { text: `${text} It gives no reason that the evidence bears out.`, left: 0 };
  let left = 0;
  for (const reason of reasons) {
    if (text.length + 1 + reason.length <= maxRecommendationLength) text = `${text} ${reason}`;
    else left += 1;
  }
  return { text, left };
}
