import {
  type Case,
  earlierLines,
  type Execution,
  type Owner,
  ownerOf,
  reviewWords,
  stepStates,
  stepWords,
  wasHalfReleased,
} from '@sallyport/case';
import { type Untrusted, untrusted } from '@sallyport/evidence';
import { proposalView } from '@sallyport/stage';
import {
  type AdaptiveCard,
  noticeCard,
  type NoticeView,
  proposalCard,
  resultCard as cardOfResult,
  type Viewer,
} from '@sallyport/teams';

export interface Shown {
  /** Origin of the console, where people can reach it. */
  consoleUrl?: string | undefined;
  /** Whose card it is, where one person alone sees it. */
  viewer?: Viewer | null;
  /** The case has let go of this question since. */
  replaced?: boolean;
}

/** The card for a proposal as it stands now: open for votes, or telling how it ended. @throws for a case without one */
export function cardFor(c: Case, now: Date, { consoleUrl, viewer, replaced }: Shown = {}): AdaptiveCard {
  const { evidence, proposal, triage } = c;
  if (!evidence || !proposal || !triage) throw new Error('the case has no proposal to show');
  const view = proposalView({ ...c, evidence, proposal, triage }, now, replaced);
  return proposalCard({ ...view, ...linkTo(c, consoleUrl), ...(viewer && { viewer }) });
}

const linkTo = (c: Case, consoleUrl: string | undefined) =>
  consoleUrl === undefined ? {} : { consoleUrl: new URL(`cases/${c.id}`, `${consoleUrl}/`).href };

/**
 * The notice that a person must look at this case.
 *
 * @param groupCount how many cases the group has that this one leads
 * @throws for a case that is not in review
 */
export function reviewCard(c: Case, shown: Pick<Shown, 'consoleUrl'> = {}, groupCount = 0): AdaptiveCard {
  const group = c.group?.leads ? { group: groupWords(c.group.kind, groupCount) } : {};
  return noticeCard({ ...reviewView(c, shown), ...group });
}

/** The same for whoever a rule has called. @throws for a case that is not in review */
export function pageCard(c: Case, shown: Pick<Shown, 'consoleUrl'> = {}): AdaptiveCard {
  return noticeCard({ ...reviewView(c, shown), about: 'page' });
}

function reviewView(c: Case, { consoleUrl }: Pick<Shown, 'consoleUrl'>): NoticeView {
  const { review, evidence } = c;
  if (!review) throw new Error('the case is not in review');
  const owner = ownerOf(c);
  return {
    ticketNumber: c.opened.ticketNumber,
    subjectName: evidence?.user.state === 'known' ? evidence.user.value.displayName : null,
    ...(owner && { owner: ownerShown(owner) }),
    reason: reviewWords[review.reason],
    detail: review.detail,
    checklist: review.checklist,
    at: review.openedAt,
    ...linkTo(c, consoleUrl),
  };
}

/**
 * The notice that a group has no lead any more, while cases of it wait that nobody was told of one by one.
 *
 * @param tickets of those cases
 * @param named how many of them are named
 */
export function formerGroupCard(
  lead: Case,
  tickets: readonly string[],
  named: number,
  { consoleUrl }: Pick<Shown, 'consoleUrl'> = {},
): AdaptiveCard {
  const more = tickets.length - named;
  const waiting = [...tickets.slice(0, named), ...(more > 0 ? [`and ${more} more`] : [])].join(', ');
  return noticeCard({
    ticketNumber: lead.opened.ticketNumber,
    subjectName: null,
    reason: `This case led a group and leads it no more. ${tickets.length} case(s) of the group still wait, each for a person.`,
    detail: waiting,
    checklist: ['Open each of these tickets, or the case on the console, and end its review.'],
    at: lead.updatedAt,
    ...linkTo(lead, consoleUrl),
  });
}

const groupWords = (kind: string, count: number): string =>
  `${count} case(s) with the detection ${kind}; this one leads them, and only this one is told here`;

function ownerShown(owner: Owner): Untrusted {
  switch (owner.kind) {
    case 'listed':
      return untrusted(owner.words);
    case 'manager':
      return untrusted(`not listed; manager in the directory: ${owner.name.untrusted}`);
    case 'unknown':
      return untrusted('unknown, ask Identity Operations');
  }
}

/** The notice that a released account is at risk again, and what was done at once. @throws for a case without an alarm */
export function alarmCard(c: Case, { consoleUrl }: Pick<Shown, 'consoleUrl'> = {}): AdaptiveCard {
  const { watch, evidence, immediate } = c;
  if (!watch?.alarm) throw new Error('there was no alarm');
  const done = stepStates(immediate).map(({ step, state }) => `${stepWords[step]}: ${state}`);
  return noticeCard({
    about: 'alarm',
    ticketNumber: c.opened.ticketNumber,
    subjectName: evidence?.user.state === 'known' ? evidence.user.value.displayName : null,
    reason: wasHalfReleased(c)
      ? 'The risk was dismissed, and new risk has shown while the account was watched.'
      : 'The account was released, and new risk has shown while it was watched.',
    detail: watch.alarm,
    checklist: [
      ...(done.length > 0 ? done : ['Policy contains nothing at once: the ticket says what follows.']),
      ...earlierLines(c),
    ],
    at: watch.begunAt,
    ...linkTo(c, consoleUrl),
  });
}

/** The notice of a review that somebody has ended. @throws for a case that is not in review */
export function reviewEndCard(
  c: Case,
  {
    lines,
    consoleUrl,
    ...ended
  }: NonNullable<NoticeView['ended']> & { lines: string[] } & Pick<Shown, 'consoleUrl'>,
): AdaptiveCard {
  return noticeCard({ ...reviewView(c, { consoleUrl }), about: 'reviewEnded', ended, checklist: lines });
}

/** What was done to the account. */
export function resultCard(
  c: Case,
  run: Execution,
  { consoleUrl }: Pick<Shown, 'consoleUrl'> = {},
): AdaptiveCard {
  const { evidence, watch, phase } = c;
  return cardOfResult({
    ticketNumber: c.opened.ticketNumber,
    subjectName: evidence?.user.state === 'known' ? evidence.user.value.displayName : null,
    action: run.plan.action,
    steps: run.plan.steps,
    watchedUntil: watch && phase !== 'closed' ? watch.until : null,
    unasked: run.slot === 'immediate',
    ...linkTo(c, consoleUrl),
  });
}
