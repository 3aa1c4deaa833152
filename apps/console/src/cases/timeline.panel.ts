import { noteFailureWords, reviewWords, roleWords, stepWords } from '@sallyport/case';
import type { CaseEvent, CaseEventType, EventOf } from '@sallyport/evidence';
import { type Html, html } from '../html';
import { panel, quoted, time } from './pieces';
import { resolutionWords } from './resolution-words';

/** Every event of the case, oldest first, one line each. */
export function timelinePanel(events: readonly CaseEvent[]): Html {
  const rows = events.map(
    (event) =>
      html`<li>
        <span class="when">${time(event.at)}</span>
        <span>${describe(event)} <code>${event.type}</code></span>
      </li>`,
  );
  return panel(
    'Timeline',
    html`<ol class="timeline">
      ${rows}
    </ol>`,
  );
}

type Words = { [T in CaseEventType]: (event: EventOf<T>) => Html };

const words: Words = {
  'case.opened': ({ ticketNumber, instance, origin }) =>
    html`Opened for ${ticketNumber} of ${instance}, by ${originWords[origin]}.`,
  'evidence.collected': ({ evidence }) =>
    evidence.risk.state === 'known'
      ? html`Evidence read: ${evidence.risk.value.level} risk, ${evidence.risk.value.state}.`
      : html`Evidence read; the risk is not known.`,
  'case.linked': ({ primaryCaseId }) =>
    html`Another case governs this user: <a href="/cases/${primaryCaseId}">${primaryCaseId}</a>.`,
  'policy.decided': ({ decision, group }) =>
    html`Policy decided: ${decisionWords(decision)}.
    ${group ? html`Part of the group of <a href="/cases/${group.leadCaseId}">${group.leadCaseId}</a>.` : ''}`,
  'triage.written': ({ triage }) => html`Advice written by ${triage.author.name}.`,
  'approval.requested': ({ quorum, expiresAt }) =>
    html`Asked ${quorum.map(({ role, count }) => `${roleWords[role]} (${count})`).join(' and ')}, to answer by
    ${time(expiresAt)}.`,
  'notice.posted': ({ kind, messages, failure }) =>
    kind === 'review' && failure === null && messages.length === 0
      ? html`Not told in Teams by itself: the lead of its group is.`
      : failure === null
        ? html`Told in Teams: ${noticeWords[kind]},
          ${messages.length === 1 ? 'one message' : `${messages.length} messages`}.`
        : html`<span class="failed">Teams could not be told (${noticeWords[kind]}): ${failure}</span>`,
  'approval.voted': ({ vote, channel }) =>
    html`<strong>${quoted(vote.voterName)}</strong> (${vote.roles.map((role) => roleWords[role]).join(', ')})
      said <strong>${vote.choice === 'approve' ? 'yes' : 'no'}</strong> ${channelWords[channel ?? 'teams']}.
      ${vote.comment ? html`<q>${quoted(vote.comment)}</q>` : ''}`,
  'vote.refused': ({ voterId, choice, refusal, channel }) =>
    html`A vote (${choice}) of <code>${voterId}</code> ${channelWords[channel]} was not taken: ${refusal}.`,
  'approval.decided': ({ outcome }) => html`The question ended: <strong>${outcome}</strong>.`,
  'action.started': ({ step, attempt, sentAs }) =>
    html`Started: ${stepWords[step]}${attempt > 1 ? `, attempt ${attempt}` : ''}.
    ${sentAs ? html`One call for several cases, client-request-id <code>${sentAs}</code>.` : ''}`,
  'action.answered': ({ answer, detail }) =>
    answer === 'accepted' ? html`Graph answered: ${detail}` : html`Graph gave no clear answer: ${detail}`,
  'action.finished': ({ step, outcome, detail }) =>
    html`<strong>${outcome}</strong>: ${stepWords[step]}. ${detail}`,
  'execution.completed': ({ slot, result, detail, watchUntil }) =>
    html`The ${slot} plan is ${resultWords[result]}. ${detail}
    ${watchUntil ? html`Watched until ${time(watchUntil)}.` : ''}`,
  'watch.alarmed': ({ detail }) =>
    html`<span class="failed">At risk again after the release.</span> ${detail}`,
  'watch.ended': () => html`Nothing new since the release: the watch has ended.`,
  'ticket.updated': ({ purpose, failure }) =>
    failure === undefined
      ? html`Written to the ticket: ${purpose} note.`
      : html`<span class="failed"
          >The ticket could not be told all of it (${purpose} note): ${noteFailureWords(failure)}</span
        >`,
  'case.closed': ({ outcome }) => html`Closed: <strong>${outcome}</strong>.`,
  'review.opened': ({ reason, detail }) =>
    html`<strong>Handed to a person.</strong> ${reviewWords[reason]} ${detail}`,
  'review.resolved': ({ personName, roles, resolution, note, steps }) =>
    html`<strong>${quoted(personName)}</strong> (${roles.map((role) => roleWords[role]).join(', ')}) ended the
      review: <strong>${resolutionWords[resolution]}</strong>.
      <q>${quoted(note)}</q>
      ${steps.map(({ step, done }) => html`${stepWords[step]}: by their word ${done ? 'done' : 'not done'}. `)}`,
  'resolution.refused': ({ personId, resolution, refusal }) =>
    html`<code>${personId}</code> tried to end the review (${resolutionWords[resolution]}) and may not:
      ${refusal}.`,
};

/** The compiler knows that the words of a type take its event, but not across the union. */
function describe<T extends CaseEventType>(event: EventOf<T> & { type: T }): Html {
  const tell: (event: EventOf<T>) => Html = words[event.type];
  return tell(event);
}

const originWords: Readonly<Record<EventOf<'case.opened'>['origin'], string>> = {
  webhook: 'a message from ServiceNow',
  alert: 'an alert',
  backfill: 'looking through the tickets',
};

const noticeWords: Readonly<Record<EventOf<'notice.posted'>['kind'], string>> = {
  proposal: 'the question',
  reminder: 'a reminder',
  escalation: 'an escalation',
  review: 'the manual review',
  reviewEnded: 'the end of the review',
  alarm: 'new risk after the release',
};

const channelWords = { teams: 'in Teams', console: 'on the console' } as const;

const resultWords: Readonly<Record<EventOf<'execution.completed'>['result'], string>> = {
  done: 'done',
  incomplete: 'incomplete',
  void: 'void: something changed since it was approved',
  dryRun: 'a dry run: nothing was called',
};

function decisionWords({ course, immediate, proposed }: EventOf<'policy.decided'>['decision']): string {
  const plans = [
    immediate ? `${immediate.action} at once` : '',
    proposed ? `${proposed.action} if people approve` : '',
  ].filter((plan) => plan !== '');
  return plans.length > 0 ? plans.join(', then ') : course;
}
