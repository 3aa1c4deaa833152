import { type Case, ownerOf, type ReviewEnd, reviewWords, roleWords, stepWords } from '@sallyport/case';
import { type Html, html } from '../html';
import { type Ending, endingForms } from './ending-form';
import { list, panel, quoted, shortName, time } from './pieces';
import { resolutionWords } from './resolution-words';

/** Why a person has this case, what is left to do, and how it ends; or how it has ended. */
export function reviewPanel(c: Case, ending: Ending | null, now: Date): Html {
  const { review, stuck } = c;
  const why = review ?? stuck;
  if (!why) return html``;
  const body = html`<p class="lead">${reviewWords[why.reason]}</p>
    ${review ? html`<p class="soft">Since ${time(review.openedAt)}. Nobody can vote on it any more.</p>` : html``}
    <p>${why.detail}</p>
    ${ownerLine(c)} ${review ? html`<h3>${review.ended ? 'What was to be done' : 'What to do'}</h3>` : html``}
    ${list(review?.checklist ?? [], 'checklist')}
    ${review?.noticeFailure ? html`<p class="failed">Teams could not be told: ${review.noticeFailure}</p>` : html``}
    ${review?.noteFailure ? html`<p class="failed">The ticket could not be told all of it: ${review.noteFailure}</p>` : html``}`;
  if (review?.ended) return panel('Manual review, ended', html`${endedBy(review.ended)} ${body}`, 'review');
  return panel('In manual review', html`${body} ${ending ? endingForms(c, ending, now) : html``}`, 'review');
}

function endedBy({ personName, roles, resolution, at, note, steps }: ReviewEnd): Html {
  const said = steps.map(
    ({ step, done }) =>
      html`${stepWords[step]}: by their word <strong>${done ? 'done' : 'not done'}</strong>`,
  );
  return html`<p class="lead">
      Ended by ${shortName(personName)} (${roles.map((role) => roleWords[role]).join(', ')}):
      ${resolutionWords[resolution]}
    </p>
    <p><span class="soft">${time(at)}, they say:</span> <q>${quoted(note)}</q></p>
    ${list(said)}`;
}

/** The checklist says the rest in our own words; a name of the directory stands apart from them. */
function ownerLine(c: Case): Html {
  const owner = ownerOf(c);
  return owner?.kind === 'manager'
    ? html`<p><strong>Owner</strong>: not listed; manager in the directory ${shortName(owner.name)}</p>`
    : html``;
}
