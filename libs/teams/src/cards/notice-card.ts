import { cardOf, words, type AdaptiveCard, type CardElement } from './adaptive-card';
import { elsewhereOf } from './card-actions';
import { labelled, type Measure, section } from './elements';
import { fitting } from './fit';
import { timeWords } from './plain-words';
import type { NoticeView } from './proposal-view';

const titles = {
  review: words('Manual review needed'),
  page: words('Security lead: look at this now'),
  reviewEnded: words('Manual review ended'),
  alarm: words('At risk again after its release'),
} as const;

/** Tells people that a case waits for one of them. There is nothing to click: the work is on the ticket. */
export function noticeCard(view: NoticeView): AdaptiveCard {
  return fitting((measure) =>
    cardOf(
      [
        {
          type: 'TextBlock',
          text: titles[view.about ?? 'review'],
          weight: 'Bolder',
          size: 'Medium',
          wrap: true,
        },
        labelled(words('Case'), view.ticketNumber, measure),
        ...(view.subjectName ? [labelled(words('User'), view.subjectName.untrusted, measure)] : []),
        ...(view.owner ? [labelled(words('Owner'), view.owner.untrusted, measure)] : []),
        ...(view.group ? [labelled(words('Group'), view.group, measure)] : []),
        ...(view.ended ? endLines(view.ended, measure) : []),
        labelled(words('Since'), timeWords(view.at), measure),
        labelled(words('Why'), view.reason, measure),
        ...(view.detail === view.reason ? [] : [labelled(words('Detail'), view.detail, measure)]),
        ...section(view.ended ? words('And') : words('What to do'), view.checklist, measure),
      ],
      elsewhereOf(view.consoleUrl),
    ),
  );
}

function endLines({ by, how, at, note }: NonNullable<NoticeView['ended']>, measure: Measure): CardElement[] {
  return [
    labelled(words('Ended by'), by.untrusted, measure),
    labelled(words('How'), `${how} (${at})`, measure),
    labelled(words('They say'), note.untrusted, measure),
  ];
}
