import { type Case, reviewWords } from '@sallyport/case';
import { type Html, html } from '../html';
import { list, panel, time } from './pieces';

/** Why a person has this case, and what is left to do. */
export function reviewPanel({ review, stuck }: Case): Html {
  const why = review ?? stuck;
  if (!why) return html``;
  const body = html`<p class="lead">${reviewWords[why.reason]}</p>
    ${review ? html`<p class="soft">Since ${time(review.openedAt)}. Nobody can vote on it any more.</p>` : html``}
    <p>${why.detail}</p>
    ${review ? html`<h3>What to do</h3>` : html``} ${list(review?.checklist ?? [], 'checklist')}
    ${review?.noticeFailure ? html`<p class="failed">Teams could not be told: ${review.noticeFailure}</p>` : html``}`;
  return panel('In manual review', body, 'review');
}
