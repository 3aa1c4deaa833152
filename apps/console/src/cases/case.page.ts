import type { Case } from '@sallyport/case';
import type { CaseEvent } from '@sallyport/evidence';
import { type Html, html } from '../html';
import { phaseWords } from './case-words';
import { decisionPanel, isAsked } from './decision.panel';
import type { Ending } from './ending-form';
import { evidencePanels } from './evidence.panel';
import { groupPanel, type GroupShown } from './group.panel';
import { shortName, time } from './pieces';
import { advicePanel, reasonsPanel } from './reasons.panel';
import { reviewPanel } from './review.panel';
import { timelinePanel } from './timeline.panel';
import type { Answering } from './vote-form';

/** Everything about one case, in the order in which somebody who must decide needs it. */
export function casePage(
  c: Case,
  events: readonly CaseEvent[],
  answering: Answering | null,
  now: Date,
  group: GroupShown | null = null,
  ending: Ending | null = null,
): Html {
  return html`<p class="crumb"><a href="/cases">Cases</a></p>
    <h1>
      ${c.opened.ticketNumber}${
        c.evidence?.user.state === 'known' ? html`: ${shortName(c.evidence.user.value.displayName)}` : ''
      }
    </h1>
    <p class="standing">
      <span class="badge">${phaseWords[c.phase]}</span>
      <span class="soft">Opened ${time(c.opened.at)}, last moved ${time(c.updatedAt)}</span>
    </p>
    ${groupPanel(group)} ${reviewPanel(c, ending, now)}
    ${isAsked(c) ? decisionPanel(c, answering, now) : html``} ${evidencePanels(c)} ${reasonsPanel(c)}
    ${advicePanel(c)} ${timelinePanel(events)}
    <p class="soft small">Case <code>${c.id}</code>, event ${c.seq}</p>`;
}
