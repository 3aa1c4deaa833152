import { disagreementWords } from '@sallyport/case';
import { commentMaxLength } from '../activity';
import {
  cardOf,
  momentWords,
  timeLeftWords,
  words,
  type AdaptiveCard,
  type CardElement,
} from './adaptive-card';
import { elsewhereOf, refreshOf, votesOf } from './card-actions';
import { heading, labelled, line, list, remark, run, section, steps, type Measure } from './elements';
import { detectionWords, signInWords } from './evidence-words';
import { fitting } from './fit';
import { actionWords, riskStateWords, roleWords, stepWords } from './plain-words';
import type { ProposalView, SignInView } from './proposal-view';

/** The card that people vote on. Only an open proposal has buttons, and none for a viewer who may not vote. */
export function proposalCard(view: ProposalView): AdaptiveCard {
  if (view.status !== 'open') return decidedCard(view);
  return fitting((measure) => {
    const votes = votesOf(view);
    const answers = view.viewer?.kind !== 'mayNotVote' && votes.length > 0;
    const body = [...bodyOf(view, measure), ...(answers ? [commentInput] : [])];
    return cardOf(body, [...votes, ...elsewhereOf(view.consoleUrl)], refreshOf(view));
  });
}

/** The card after the decision: the same facts and what happened, nothing to decide. */
export function decidedCard(view: ProposalView): AdaptiveCard {
  return fitting((measure) => cardOf(bodyOf(view, measure), elsewhereOf(view.consoleUrl)));
}

const titles = {
  open: { text: words('Approval needed') },
  approved: { text: words('Approved'), color: 'Good' },
  denied: { text: words('Denied'), color: 'Attention' },
  expired: { text: words('Expired without a decision; a person must look'), color: 'Warning' },
  withdrawn: { text: words('No longer asked; a person has this case'), color: 'Warning' },
  replaced: { text: words('No longer valid; the case has moved on'), color: 'Warning' },
} as const satisfies Record<ProposalView['status'], object>;

const commentInput: CardElement = {
  type: 'Input.Text',
  id: 'comment',
  label: words('Comment (stored with your vote)'),
  isMultiline: true,
  maxLength: commentMaxLength,
};

function bodyOf(view: ProposalView, measure: Measure): CardElement[] {
  return [
    { type: 'TextBlock', ...titles[view.status], weight: 'Bolder', size: 'Medium', wrap: true },
    ...(measure.shortened ? [remark(shortenedOf(view))] : []),
    ...viewerOf(view, measure),
    labelled(words('Case'), view.ticketNumber, measure),
    labelled(words('User'), view.subjectName.untrusted, measure),
    labelled(words('Risk'), `${view.riskLevel}, ${riskStateWords[view.riskState]}`, measure),
    ...openUntilOf(view),
    ...section(words('What happened'), view.events ?? [], measure),
    ...planOf(view, measure),
    ...quorumOf(view, measure),
    ...section(words('What is unknown'), view.unknowns, measure),
    ...section(words('Why policy says so'), view.reasons, measure),
    ...detectionsOf(view, measure),
    ...signInsOf(view, measure),
    ...adviceOf(view, measure),
  ];
}

/** The newest may be the intruder's own, so it never stands for what was usual before. */
function signInsOf({ successfulSignIns }: ProposalView, measure: Measure): CardElement[] {
  if (!successfulSignIns) return [];
  const { before, newest, daysRead } = successfulSignIns;
  const row = (signIn: SignInView | null) =>
    signIn ? signInWords(signIn) : `none in the ${daysRead} days read`;
  return [
    ...section(
      words('Last successful sign-in before the episode'),
      before === undefined ? [] : [row(before)],
      measure,
    ),
    ...section(words('Newest successful sign-in'), [row(newest)], measure),
  ];
}

const shortenedOf = ({ consoleUrl }: ProposalView) =>
  consoleUrl === undefined
    ? words('Shortened to fit (…). The case log holds everything.')
    : words('Shortened to fit (…). The console shows everything.');

/** What concerns one viewer alone comes first. */
function viewerOf({ viewer, status }: ProposalView, measure: Measure): CardElement[] {
  if (!viewer || status !== 'open') return [];
  if (viewer.kind === 'mayNotVote') return [labelled(words('No vote'), viewer.reason, measure)];
  const text =
    viewer.choice === 'approve'
      ? words('You have approved. Until the quorum is reached you can still deny.')
      : words('You have denied.');
  return [{ type: 'TextBlock', text, weight: 'Bolder', color: 'Good', wrap: true }];
}

function openUntilOf({ status, expiresAt, drawnAt }: ProposalView): CardElement[] {
  if (status !== 'open') return [];
  const left = timeLeftWords(drawnAt, expiresAt);
  return [
    {
      type: 'TextBlock',
      text: momentWords(words('Open until'), expiresAt),
      weight: 'Bolder',
      wrap: true,
      spacing: 'Small',
    },
    ...(left ? [remark(left)] : []),
    remark(
      words('After that nobody can approve it any more, and a person must look. Silence never approves.'),
    ),
  ];
}

function planOf({ plan, status }: ProposalView, measure: Measure): CardElement[] {
  const asked = [
    line({ type: 'TextRun', text: actionWords[plan.action], weight: 'Bolder' }),
    ...steps(
      plan.steps.map((step) => stepWords[step]),
      measure,
    ),
  ];
  const byHand = section(
    words('To be done by hand'),
    plan.manual.map(
      ({ kind, reason, instruction }) => `${stepWords[kind]}: ${sentence(reason)} ${instruction}`,
    ),
    measure,
  );
  // Without a button of that name there is nothing that Approve does.
  if (status !== 'open') return [heading(words('What was asked')), ...asked, ...byHand];
  return [
    heading(words('What Approve does')),
    remark(words('Once all votes are there, and policy still says the same on fresh evidence:')),
    ...asked,
    ...byHand,
    heading(words('What Deny does')),
    remark(words('One Deny is enough: the account stays as it is now, and the case goes to manual review.')),
  ];
}

const sentence = (text: string) => (text.endsWith('.') ? text : `${text}.`);

function quorumOf({ quorum, status }: ProposalView, measure: Measure): CardElement[] {
  const rows = quorum.map(({ role, count, have }) => {
    const names = have.map(({ untrusted }) => untrusted).join(', ');
    return `${roleWords[role]}: ${have.length} of ${count}${names ? ` (${names})` : ''}`;
  });
  const identity =
    status === 'open' && quorum.some(({ role }) => role === 'manager')
      ? [
          remark(
            words(
              'As the manager you say who it was: "I spoke to this person." It releases nothing by itself.',
            ),
          ),
        ]
      : [];
  const title = status === 'open' ? words('Votes needed, from different people') : words('Votes');
  return [...section(title, rows, measure), ...identity];
}

/** The newest of them; the card says how many more there are. */
const detectionsMax = 5;

function detectionsOf({ detections }: ProposalView, measure: Measure): CardElement[] {
  const rowsMax = Math.min(measure.rowsMax, detectionsMax);
  return section(words('Detections'), detections.map(detectionWords), { ...measure, rowsMax });
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
    ...list(
      advice.statements.map((statement, at) => `${statement}${citing(advice.citations?.[at])}`),
      measure,
    ),
    labelled(words('Recommendation'), advice.recommendation, measure),
    // In our own words and short: what an approver must not miss is never cut.
    ...(advice.disagreement
      ? [line({ type: 'TextRun', text: disagreementWords(advice.disagreement), weight: 'Bolder' })]
      : []),
    ...section(words('Open questions'), advice.openQuestions, measure),
    // What was left out of it.
    ...section(words('About this advice'), advice.notes ?? [], measure),
  ];
}

const citing = (rows: readonly string[] | undefined) => (rows ? ` (${[...new Set(rows)].join(', ')})` : '');
