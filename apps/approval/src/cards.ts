import { type Case, reviewWords } from '@sallyport/case';
import { type AdaptiveCard, decidedCard, noticeCard, proposalCard } from '@sallyport/teams';
import { proposalView } from './proposal-view';

/** The card for a proposal as it stands now: open for votes, or telling how it ended. @throws for a case without one */
export function cardFor(c: Case, now: Date): AdaptiveCard {
  const { evidence, proposal, triage } = c;
  if (!evidence || !proposal || !triage) throw new Error('the case has no proposal to show');
  const view = proposalView({ ...c, evidence, proposal, triage }, now);
  return view.status === 'open' ? proposalCard(view) : decidedCard(view);
}

/** The notice that a person must look at this case. @throws for a case that is not in review */
export function reviewCard(c: Case): AdaptiveCard {
  const { review, evidence } = c;
  if (!review) throw new Error('the case is not in review');
  return noticeCard({
    ticketNumber: c.opened.ticketNumber,
    subjectName: evidence?.user.state === 'known' ? evidence.user.value.displayName : null,
    reason: reviewWords[review.reason],
    detail: review.detail,
    checklist: review.checklist,
    at: review.openedAt,
  });
}
