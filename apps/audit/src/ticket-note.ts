import {
  type Case,
  type EarlierRelease,
  expectedOutcome,
  leftOfRelease,
  otherUserWords,
  ownerOf,
  reviewWords,
  roleWords,
  stepStates,
  stepWords,
  timeWords,
  type Voided,
  type Watch,
  wasHalfReleased,
} from '@sallyport/case';
import { type Decision, untrusted } from '@sallyport/evidence';
import { type GroupStanding, groupLines } from './group-standing';
import { plainText } from './plain-text';
import { reviewEndNote } from './review-end-note';
import { unreadLines } from './unread-lines';

/** What a service-desk agent reads on the ticket: what happened, why, who decided, what is left. */
export function ticketNote(c: Case, group: GroupStanding | null = null): string {
  const body = c.review
    ? c.review.ended
      ? reviewEndNote(c, c.review.ended)
      : [...reviewNote(c, c.review), ...groupLines(group)]
    : c.phase === 'watchOpened' && c.watch
      ? watchNote(c, c.watch)
      : c.phase === 'alarmPosted' && c.watch
        ? alarmNote(c, c.watch)
        : c.primaryCaseId
          ? linkedNote(c, c.primaryCaseId)
          : [...closingNote(c), ...groupLines(group)];
  return [...body, '', `Sallyport case ${c.id}, event ${c.seq}.`].join('\n');
}

function reviewNote(c: Case, review: NonNullable<Case['review']>): string[] {
  return [
    'PENDING MANUAL REVIEW',
    reviewWords[review.reason],
    review.detail,
    ...(review.noticeFailure
      ? [`Teams could not be told (${review.noticeFailure}). Please call SecOps on-call.`]
      : []),
    ...owner(c),
    ...unread(c),
    ...story(c),
    '',
    'Next steps:',
    ...review.checklist.map((line, at) => `${at + 1}. ${line}`),
  ];
}

/** The name of a manager is the directory's, and cleaned like all such text. */
function owner(c: Case): string[] {
  const found = ownerOf(c);
  switch (found?.kind) {
    case undefined:
      return [];
    case 'listed':
      return [`Owner: ${found.words}`];
    case 'manager':
      return [`Owner: not listed. Manager in the directory: ${plainText(found.name, 80)}`];
    case 'unknown':
      return ['Owner: unknown'];
  }
}

function unread({ evidence }: Case): string[] {
  const lines = evidence ? unreadLines(evidence) : [];
  return lines.length > 0 ? ['', 'Could not be read:', ...lines] : [];
}

const closingWords = {
  released: 'RELEASED: the risk was dismissed and the account may be used again.',
  contained: 'CONTAINED: the user is signed out everywhere and must change the password with MFA.',
  selfRemediated: 'ALREADY REMEDIATED: the user secured the account after the newest detection.',
} as const;

function closingNote(c: Case): string[] {
  const outcome = expectedOutcome(c);
  const headline = outcome in closingWords ? closingWords[outcome as keyof typeof closingWords] : outcome;
  const advice = outcome === 'contained' ? ['', afterContainment(c)] : [];
  return [headline, ...watched(c), ...story(c), ...advice];
}

/** Self-service asks for the methods that are registered, also for one that an intruder may have added. */
function afterContainment({ decision }: Case): string {
  return decision?.facts['securityInfoChangedInWindow'] === 'no'
    ? 'Next: ask the user to reset the password at the self-service page, then watch the risk state.'
    : 'Next: it is not known whether a sign-in method was changed. Verify the user in person or by video and check their methods before they reset the password, then watch the risk state.';
}

function watched(c: Case): string[] {
  const { watch } = c;
  if (!watch) return [];
  const at = timeWords(watch.begunAt);
  const what = wasHalfReleased(c)
    ? `The risk was dismissed on ${at}, and the account`
    : `The account was released on ${at} and`;
  return watch.alarm
    ? [`${what} came under risk again: ${watch.alarm}`]
    : [`Watched until ${timeWords(watch.until)}: no new risk has shown.`];
}

function watchNote(c: Case, watch: Watch): string[] {
  const byHand = [c.immediate, c.proposed].some((run) => run && run.plan.manualSteps.length > 0);
  if (c.proposed?.result === 'incomplete' || byHand) {
    return [
      `RISK DISMISSED, watched until ${timeWords(watch.until)}: not everything is done, a person does the rest (below).`,
      'The rest may be done now, once SecOps has agreed. When the watch is over, what is left goes to a manual review. Risk that shows meanwhile starts this case over, and contains the account where policy says so.',
      ...story(c),
    ];
  }
  return [
    `RELEASED, watched until ${timeWords(watch.until)}: the risk was dismissed and the account may be used again.`,
    'The ticket stays open until then. Risk that shows meanwhile starts this case over, and contains the account where policy says so.',
    ...story(c),
  ];
}

function alarmNote(c: Case, watch: Watch): string[] {
  return [
    `AT RISK AGAIN: new risk has shown after ${wasHalfReleased(c) ? 'the risk was dismissed' : 'the release'}.`,
    watch.alarm ?? '',
    ...(watch.noticeFailure
      ? [`Teams could not be told (${watch.noticeFailure}). Please call SecOps on-call.`]
      : []),
    ...story(c),
  ];
}

function linkedNote(c: Case, primaryCaseId: string): string[] {
  return [
    'LINKED: another case looks, or has just looked, at this same risk. Nothing was done for this ticket.',
    `See case ${primaryCaseId}. If it is closed and the user still cannot work, reopen that case’s ticket.`,
  ];
}

function story(c: Case): string[] {
  const lines: string[] = [];
  if (c.voided && c.review?.reason !== 'approvalVoid') lines.push('', ...voidedLines(c.voided));
  if (c.decision) lines.push('', 'Policy:', ...policyLines(c.decision));
  if (c.proposal) lines.push('', 'Approval:', ...approvalLines(c.proposal));
  const left = leftOfRelease(c);
  const whose = left && otherUserWords(left, c);
  const runs = [
    {
      execution: left?.run ?? null,
      words: `${left && earlierWords[left.endedBy]}${whose && `, the release${whose}`}:`,
    },
    { execution: c.immediate, words: 'At once, as policy demands:' },
    { execution: c.proposed, words: 'After approval:' },
  ];
  for (const { execution, words } of runs) {
    if (!execution) continue;
    lines.push('', words);
    for (const { step, state } of stepStates(execution)) lines.push(`- ${stepWords[step]}: ${state}`);
    for (const step of execution.plan.manualSteps) lines.push(`- By hand: ${step.instruction}`);
  }
  return lines;
}

const earlierWords: Readonly<Record<EarlierRelease['endedBy'], string>> = {
  retry: 'Earlier, before it was tried again',
  alarm: 'Earlier, before new risk showed (do nothing more of it before SecOps has agreed)',
};

/** A review that it led to says it by itself. A kind of detection in it is not our own word. */
function voidedLines({ approved, detail }: Voided): string[] {
  const what = approved ? 'Approved before' : 'Decided before';
  return [
    `${what} and not carried out, because something had changed:`,
    `- ${plainText(untrusted(detail), 500)}`,
  ];
}

/** Where little is known, many rules object; the first say enough, and the others are named. */
const shownRules = 4;

function policyLines(decision: Decision): string[] {
  const lines = [`- Rules ${decision.pack}, version ${decision.policySetHash.slice(0, 12)}`];
  for (const [action, ruling] of Object.entries(decision.rulings)) {
    const reasons = ruling.rules.slice(0, shownRules).map((rule) => `${rule.reason} (${rule.id})`);
    const more = ruling.rules.slice(shownRules).map((rule) => rule.id);
    if (more.length > 0) reasons.push(`Also: ${more.join(', ')}.`);
    lines.push(`- ${action}: ${ruling.effect}. ${reasons.join(' ') || 'No rule permits it.'}`);
  }
  return lines;
}

function approvalLines(proposal: NonNullable<Case['proposal']>): string[] {
  const needed = proposal.quorum.map((slot) => `${slot.count} × ${roleWords[slot.role]}`).join(', ');
  return [
    `- Needed: ${needed}; answered: ${proposal.outcome ?? 'open'}`,
    ...proposal.votes.map((vote) => {
      const comment = vote.comment ? `, saying “${plainText(vote.comment)}”` : '';
      const roles = vote.roles.map((role) => roleWords[role]).join(', ');
      return `- ${plainText(vote.voterName, 80)} (${roles}): ${vote.choice === 'approve' ? 'approved' : 'denied'}${comment}`;
    }),
  ];
}
