import { commentMaxLength } from '../activity';
import { cardOf, words, type AdaptiveCard, type CardAction, type CardElement } from './adaptive-card';
import { heading, labelled, line, list, run, section, type Measure } from './elements';
import { fitting } from './fit';
import { actionWords, roleWords, stepWords, timeWords } from './plain-words';
import type { ProposalView } from './proposal-view';

/** The card that people vote on. Only an open proposal has buttons. */
export function proposalCard(view: ProposalView): AdaptiveCard {
  return fitting((measure) => {
    const body = bodyOf(view, measure);
    return view.status === 'open' ? cardOf([...body, commentInput], buttonsOf(view.cardId)) : cardOf(body);
  });
}

/** The card after the decision: the same facts and what happened, nothing to click. */
export function decidedCard(view: ProposalView): AdaptiveCard {
  return fitting((measure) => cardOf(bodyOf(view, measure)));
}

const titles = {
  open: words('Approval needed'),
  approved: words('Approved'),
  denied: words('Denied'),
  expired: words('Expired without a decision; a person must look'),
} satisfies Record<ProposalView['status'], string>;

const commentInput: CardElement = {
  type: 'Input.Text',
  id: 'comment',
  label: words('Comment (stored with your vote)'),
  isMultiline: true,
  maxLength: commentMaxLength,
};

function buttonsOf(cardId: string): CardAction[] {
  const data = { d: cardId };
  return [
    { type: 'Action.Execute', title: words('Approve'), verb: 'approve', style: 'positive', data },
    { type: 'Action.Execute', title: words('Deny'), verb: 'deny', style: 'destructive', data },
  ];
}

function bodyOf(view: ProposalView, measure: Measure): CardElement[] {
  return [
    { type: 'TextBlock', text: titles[view.status], weight: 'Bolder', size: 'Medium', wrap: true },
    labelled(words('Case'), view.ticketNumber, measure),
    labelled(words('User'), view.subjectName.untrusted, measure),
    labelled(words('Risk'), `${view.riskLevel}, ${view.riskState}`, measure),
    ...(view.status === 'open' ? [labelled(words('Open until'), timeWords(view.expiresAt), measure)] : []),
    ...section(words('What happened'), view.events ?? [], measure),
    ...planOf(view, measure),
    ...quorumOf(view, measure),
    ...section(words('What is unknown'), view.unknowns, measure),
    ...section(words('Why policy says so'), view.reasons, measure),
    ...section(
      words('Detections'),
      view.detections.map(({ kind, level, at }) => `${kind}, ${level}, ${timeWords(at)}`),
      measure,
    ),
    ...lastSignInOf(view, measure),
    ...adviceOf(view, measure),
  ];
}

function planOf({ plan, status }: ProposalView, measure: Measure): CardElement[] {
  return [
    // Without a button of that name there is nothing that Approve does.
    heading(status === 'open' ? words('What Approve does') : words('What was asked')),
    line({ type: 'TextRun', text: actionWords[plan.action], weight: 'Bolder' }),
    ...list(
      plan.steps.map((step) => stepWords[step]),
      measure,
    ),
    ...section(
      words('To be done by hand'),
      plan.manual.map(({ kind, reason, instruction }) => `${stepWords[kind]}: ${reason}. ${instruction}`),
      measure,
    ),
  ];
}

function quorumOf({ quorum }: ProposalView, measure: Measure): CardElement[] {
  const rows = quorum.map(({ role, count, have }) => {
    const names = have.map(({ untrusted }) => untrusted).join(', ');
    return `${roleWords[role]}: ${have.length} of ${count}${names ? ` (${names})` : ''}`;
  });
  return section(words('Votes needed, from different people'), rows, measure);
}

function lastSignInOf({ lastSuccessfulSignIn: last }: ProposalView, measure: Measure): CardElement[] {
  if (!last) return [];
  const parts = [timeWords(last.at), last.country, last.ip, last.device?.untrusted, last.app?.untrusted];
  return section(words('Last successful sign-in'), [parts.filter(Boolean).join(', ')], measure);
}

/** Advice is the last thing on the card and says who wrote it; it decides nothing. */
function adviceOf({ advice }: ProposalView, measure: Measure): CardElement[] {
  const author =
    advice.author.kind === 'template'
      ? 'Written by a fixed template'
      : `Written by the model ${advice.author.name}; may be wrong`;
  return [
    heading(words('Advice, not a decision')),
    line({ ...run(author, measure), isSubtle: true }),
    ...list(advice.statements, measure),
    labelled(words('Recommendation'), advice.recommendation, measure),
    ...section(words('Open questions'), advice.openQuestions, measure),
  ];
}
