import { type Case, matchSlots, reviewWords, roleWords, timeLeft } from '@sallyport/case';
import { type CaseLog, CaseLogDamaged } from '@sallyport/case-log';
import { type Html, html } from '../html';
import { askingPhases, phaseWords, reviewPhases } from './case-words';
import { shortName, time } from './pieces';

/** Rows of one list; each is a case that is loaded and checked. What is left is told. */
const maxRows = 50;

interface Listed {
  /** Null where the log is damaged. */
  rows: readonly (readonly [id: string, c: Case | null])[];
  more: boolean;
}

/** What waits for people: first what they are asked, then what they must look at by hand. */
export async function caseListPage(log: CaseLog, now: Date): Promise<Html> {
  const asked = await listed(log, await log.caseIdsIn(askingPhases, 'oldest', maxRows + 1));
  const reviews = await listed(log, await log.caseIdsIn(reviewPhases, 'newest', maxRows + 1));
  return html`<h1>Cases</h1>
    <section class="panel">
      <div class="bar"><h2>Waiting for a decision</h2></div>
      ${
        asked.rows.length === 0
          ? nothing('Nobody is asked for anything at the moment.')
          : table(
              ['Ticket', 'User', 'Answers still needed', 'Time left'],
              asked.rows.map(([id, c]) => (c ? askedRow(c, now) : damagedRow(id))),
            )
      }
      ${moreOf(asked)}
    </section>
    <section class="panel">
      <div class="bar"><h2>In manual review</h2></div>
      ${
        reviews.rows.length === 0
          ? nothing('No case is in manual review.')
          : table(
              ['Ticket', 'User', 'Why', 'Waits for a person since'],
              reviews.rows.map(([id, c]) => (c ? reviewRow(c, now) : damagedRow(id))),
            )
      }
      ${moreOf(reviews)}
    </section>`;
}

/** One after another: a page that somebody looks at must not take every connection from those who vote. */
async function listed(log: CaseLog, ids: readonly string[]): Promise<Listed> {
  const rows: [string, Case | null][] = [];
  for (const id of ids.slice(0, maxRows)) rows.push([id, await caseOrNull(log, id)]);
  return { rows, more: ids.length > maxRows };
}

/** A damaged case must not hide the others. */
async function caseOrNull(log: CaseLog, id: string): Promise<Case | null> {
  try {
    return (await log.load(id))?.case ?? null;
  } catch (error) {
    if (error instanceof CaseLogDamaged) return null;
    throw error;
  }
}

function table(headings: readonly string[], rows: readonly Html[]): Html {
  return html`<table class="cases">
    <thead>
      <tr>
        ${headings.map((heading) => html`<th scope="col">${heading}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`;
}

function askedRow(c: Case, now: Date): Html {
  const left = c.proposal && timeLeft(c.proposal.expiresAt, now);
  return html`<tr>
    ${ticketCell(c)}
    <td>${userOf(c)}</td>
    <td><span class="label">Needed: </span>${c.phase === 'voting' ? stillNeeded(c) : phaseWords[c.phase]}</td>
    <td class="left"><span class="label">Time left: </span>${left ?? 'none'}</td>
  </tr>`;
}

function reviewRow(c: Case, now: Date): Html {
  const since = c.review?.openedAt ?? c.updatedAt;
  // As long as it has waited: the time from then on that is gone now.
  const waited = timeLeft(now.toISOString(), new Date(since));
  return html`<tr>
    ${ticketCell(c)}
    <td>${userOf(c)}</td>
    <td>${c.review ? reviewWords[c.review.reason] : phaseWords[c.phase]} ${groupWords(c)}</td>
    <td class="left">
      <span class="label">Since </span>${time(since)}
      <span class="soft">${waited === null ? '' : `(${waited})`}</span>
    </td>
  </tr>`;
}

function groupWords({ group }: Case): Html {
  if (!group) return html``;
  return html`<span class="soft">${group.leads ? 'Leads its group.' : 'Part of a group.'}</span>`;
}

function damagedRow(id: string): Html {
  return html`<tr>
    <th scope="row"><a href="/cases/${id}">${id}</a></th>
    <td colspan="3" class="failed">Its log is damaged. Nobody acts on this case.</td>
  </tr>`;
}

function ticketCell(c: Case): Html {
  return html`<th scope="row"><a href="/cases/${c.id}">${c.opened.ticketNumber}</a></th>`;
}

function userOf({ evidence }: Case): Html {
  return evidence?.user.state === 'known'
    ? shortName(evidence.user.value.displayName)
    : html`<span class="soft">not known</span>`;
}

function stillNeeded({ proposal }: Case): string {
  if (!proposal) return '';
  const slots = proposal.quorum.flatMap(({ role, count }) => Array.from({ length: count }, () => role));
  const filled = matchSlots(proposal.quorum, proposal.votes);
  return slots
    .filter((_, at) => !filled[at])
    .map((role) => roleWords[role])
    .join(', ');
}

const nothing = (words: string): Html => html`<p class="empty soft">${words}</p>`;

function moreOf({ more }: Listed): Html {
  return more ? html`<p class="empty soft">There are more, which are not shown here.</p>` : html``;
}
