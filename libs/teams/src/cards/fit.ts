import type { AdaptiveCard } from './adaptive-card';
import type { Measure } from './elements';
import { markedAsCopy } from './marked-as-copy';

/** Teams takes about 100 kB and Workflows 28; with the activity around it this leaves room everywhere. */
export const cardMaxBytes = 20_000;

/** From everything a person needs to what still names the case; the last one fits whatever the view holds. */
const measures: readonly [Measure, ...Measure[]] = [
  { textMaxLength: 400, rowsMax: 12, shortened: false },
  { textMaxLength: 240, rowsMax: 8, shortened: true },
  { textMaxLength: 140, rowsMax: 5, shortened: true },
  { textMaxLength: 60, rowsMax: 3, shortened: true },
];

export const bytesOf = (card: AdaptiveCard) => Buffer.byteLength(JSON.stringify(card), 'utf8');

/** Builds the card with the largest measure that stays under {@link cardMaxBytes}, also where it must be marked as a copy. */
export function fitting(build: (measure: Measure) => AdaptiveCard): AdaptiveCard {
  let card = build(measures[0]);
  for (const measure of measures.slice(1)) {
    if (bytesOf(markedAsCopy(card)) < cardMaxBytes) break;
    card = build(measure);
  }
  return card;
}
