import type { Instant, StepKind, Untrusted } from '@sallyport/evidence';
import { cardOf, words, type AdaptiveCard } from './adaptive-card';
import { elsewhereOf } from './card-actions';
import { labelled, remark, section } from './elements';
import { fitting } from './fit';
import { stepWords, timeWords } from './plain-words';

/** What was done to an account, for those who were asked or whose channel it is. */
export interface ResultView {
  ticketNumber: string;
  subjectName: Untrusted | null;
  action: 'contain' | 'release';
  steps: readonly StepKind[];
  /** Until when the account is watched, or null where it is not. */
  watchedUntil: Instant | null;
  /** Nobody was asked, because policy demands it at once. */
  unasked: boolean;
  consoleUrl?: string;
}

const titles = {
  contain: words('Done: the account is contained'),
  release: words('Done: the account is released'),
} as const;

/** Tells how it ended well. What ended otherwise is told as a manual review. There is nothing to click. */
export function resultCard(view: ResultView): AdaptiveCard {
  return fitting((measure) =>
    cardOf(
      [
        {
          type: 'TextBlock',
          text: titles[view.action],
          weight: 'Bolder',
          size: 'Medium',
          color: 'Good',
          wrap: true,
        },
        labelled(words('Case'), view.ticketNumber, measure),
        ...(view.subjectName ? [labelled(words('User'), view.subjectName.untrusted, measure)] : []),
        ...(view.unasked ? [remark(words('Nobody was asked: policy demands this at once.'))] : []),
        ...section(
          words('Done, and proven by reading back'),
          view.steps.map((step) => stepWords[step]),
          measure,
        ),
        ...(view.watchedUntil
          ? [labelled(words('Watched for new risk until'), timeWords(view.watchedUntil), measure)]
          : []),
      ],
      elsewhereOf(view.consoleUrl),
    ),
  );
}
