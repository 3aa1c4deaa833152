import { type Case, reviewWords } from '@sallyport/case';
import { proposalView } from '@sallyport/stage';
import { type AdaptiveCard, noticeCard, proposalCard, type Viewer } from '@sallyport/teams';

export interface Shown {
  /** Origin of the console, where people can reach it. */
  consoleUrl?: string | undefined;
  /** Whose card it is, where one person alone sees it. */
  viewer?: Viewer | null;
}

/** The card for a proposal as it stands now: open for votes, or telling how it ended. @throws for a case without one */
export function cardFor(c: Case, now: Date, { consoleUrl, viewer }: Shown = {}): AdaptiveCard {
  const { evidence, proposal, triage } = c;
  if (!evidence || !proposal || !triage) throw new Error('the case has no proposal to show');
  const view = proposalView({ ...c, evidence, proposal, triage }, now);
  return proposalCard({ ...view, ...linkTo(c, consoleUrl), ...(viewer && { viewer }) });
}

const linkTo = (c: Case, consoleUrl: string | undefined) =>
  consoleUrl === undefined ? {} : { consoleUrl: new URL(`cases/${c.id}`, `${consoleUrl}/`).href };

/** The notice that a person must look at this case. @throws for a case that is not in review */
export function reviewCard(c: Case, { consoleUrl }: Pick<Shown, 'consoleUrl'> = {}): AdaptiveCard {
  const { review, evidence } = c;
  if (!review) throw new Error('the case is not in review');
  return noticeCard({
    ticketNumber: c.opened.ticketNumber,
    subjectName: evidence?.user.state === 'known' ? evidence.user.value.displayName : null,
    reason: reviewWords[review.reason],
    detail: review.detail,
    checklist: review.checklist,
    at: review.openedAt,
    ...linkTo(c, consoleUrl),
  });
}
