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
  allowed: readonly Action[],
  modelName: string,
): GroundedAdvice {
  const flaws: Flaw[] = [];
  const isShown = (flaw: Flaw | null): boolean => {
    if (flaw) flaws.push(flaw);
    return flaw === null;
  };
  const statements = answer.statements.filter((it) => isShown(flawOf(it, items))).slice(0, maxStatements);
  const reasons = answer.reasons.filter((it) => isShown(flawOf(it, items)));
  const openQuestions = answer.openQuestions
    .filter((text) => isShown(flawOfQuestion(text, items)))
    .slice(0, maxQuestions);
  if (statements.length === 0) return { triage: null, flaws };

  const advised = answer.ranking[0] ?? null;
  const [strictest] = allowed;
  const disagreement = strictest && advised !== strictest ? { advised, strictest } : null;
  const triage: Triage = {
    v: 1,
    author: { kind: 'model', name: modelName },
    statements: statements.map(({ text }) => text.trim()),
    citations: statements.map(({ cites }) => refsOf(cites, items)),
    recommendation: recommendation(
      advised,
      reasons.map(({ text }) => text.trim()),
    ),
    openQuestions: openQuestions.map((text) => text.trim()),
    notes: [
      ...(disagreement ? [disagreementWords(disagreement)] : []),
      ...(flaws.length > 0
        ? [`${flaws.length} sentence(s) of the model are left out: the evidence does not bear them out.`]
        : []),
    ],
    disagreement,
  };
  return { triage, flaws };
}

function refsOf(cites: readonly string[], items: readonly EvidenceItem[]): string[] {
  return items.filter(({ id }) => cites.includes(id)).map(({ ref }) => ref.slice(0, 200));
}

const adviceWords: Record<Action, string> = {
  contain: 'The model would contain the account.',
  release: 'The model would release the account.',
  close: 'The model would close the case.',
};

const actionVerbs: Record<Action, string> = {
  contain: 'to contain the account',
  release: 'to release the account',
  close: 'to close the case',
};

/** As many whole reasons as fit. */
function recommendation(advised: Action | null, reasons: readonly string[]): string {
  const lead = advised
    ? adviceWords[advised]
    : 'The model recommends none of the actions that policy permits.';
  return [
    ...reasons,
    ...(reasons.length === 0 ? ['It gives no reason that the evidence bears out.'] : []),
  ].reduce(
    (text, reason) =>
      text.length + 1 + reason.length <= maxRecommendationLength ? `${text} ${reason}` : text,
    lead,
  );
}

function disagreementWords({ advised, strictest }: NonNullable<Triage['disagreement']>): string {
  const model = advised
    ? `The model would rather ${actionVerbs[advised].slice(3)}`
    : 'The model would do nothing yet';
  return `${model}; the strictest course that policy permits is ${actionVerbs[strictest]}. Policy counts.`;
}
