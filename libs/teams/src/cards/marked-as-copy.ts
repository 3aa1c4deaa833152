import { words, type AdaptiveCard } from './adaptive-card';
import { remark } from './elements';

/** The card of a message that may be the second of its kind, because Teams did not say what became of the first. */
export function markedAsCopy(card: AdaptiveCard): AdaptiveCard {
  const text = words(
    'You may see this twice: Teams did not confirm an earlier copy. Each of you counts once, whichever copy you click.',
  );
  return { ...card, body: [...card.body.slice(0, 1), remark(text), ...card.body.slice(1)] };
}
