import { type Case, endingRefusalWords, timeWords } from '@sallyport/case';
import type { EndingRefusal } from '@sallyport/evidence';
import { type Html, html } from '../html';
import { quoted } from './pieces';
import { resolutionWords } from './resolution-words';

/** What a person is told; where somebody else was faster, who and how. */
export function endingRefusalPageWords(refusal: EndingRefusal, c: Case): Html {
  const ended = c.review?.ended;
  if (refusal !== 'ended' || !ended) return html`${endingRefusalWords[refusal]}`;
  return html`${quoted(ended.personName)} has ended this review already (${resolutionWords[ended.resolution]},
  ${timeWords(ended.at)}). Nothing was changed by you.`;
}
