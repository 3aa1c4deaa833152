import { foldCase } from '@sallyport/case';
import { collected, eventFor, logOf } from '@sallyport/case/testing';
import type { Evidence, Triage } from '@sallyport/evidence';
import { proposalView } from '@sallyport/stage';
import { type AdaptiveCard, proposalCard, visibleText } from '@sallyport/teams';

/** The card about a case with this evidence and this advice, as approvers get it. */
export function cardWith(found: Evidence, advice: Triage): AdaptiveCard {
  const c = foldCase(
    logOf(
      (before) => collected(before, found),
      'policy.decided',
      (before) => eventFor(before, 'triage.written', { triage: advice }),
      'approval.requested',
      'notice.posted',
    ),
  );
  const { evidence, proposal, triage } = c;
  if (!evidence || !proposal || !triage) throw new Error('the case asks nothing');
  return proposalCard(proposalView({ ...c, evidence, proposal, triage }, new Date(c.updatedAt)));
}

/** What a model writes that repeats a text wherever it can. */
export function parrot(text: string): Triage {
  return {
    v: 1,
    author: { kind: 'model', name: 'parrot' },
    statements: [text.slice(0, 400)],
    recommendation: text.slice(0, 400),
    openQuestions: [text.slice(0, 300)],
    notes: [text.slice(0, 300)],
  };
}

/** How a text begins on a card, where it may be cut after that. */
export const beginningShown = (text: string): string => visibleText(text, 1_000).slice(0, 60).trim();
