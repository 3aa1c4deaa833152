import { cardOf, words, type AdaptiveCard } from './adaptive-card';
import { elsewhereOf } from './card-actions';
import { labelled, section } from './elements';
import { fitting } from './fit';
import { timeWords } from './plain-words';
import type { NoticeView } from './proposal-view';

/** Tells people that a case waits for one of them. There is nothing to click: the work is on the ticket. */
export function noticeCard(view: NoticeView): AdaptiveCard {
  return fitting((measure) =>
    cardOf(
      [
        {
          type: 'TextBlock',
          text: words('Manual review needed'),
          weight: 'Bolder',
          size: 'Medium',
          wrap: true,
        },
        labelled(words('Case'), view.ticketNumber, measure),
        ...(view.subjectName ? [labelled(words('User'), view.subjectName.untrusted, measure)] : []),
        labelled(words('Since'), timeWords(view.at), measure),
        labelled(words('Why'), view.reason, measure),
        ...(view.detail === view.reason ? [] : [labelled(words('Detail'), view.detail, measure)]),
        ...section(words('What to do'), view.checklist, measure),
      ],
      elsewhereOf(view.consoleUrl),
    ),
  );
}
