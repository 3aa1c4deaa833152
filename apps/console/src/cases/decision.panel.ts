import { type Case, roleWords, stepWords, timeLeft } from '@sallyport/case';
import type { Evidence, Triage, Untrusted } from '@sallyport/evidence';
import { proposalView } from '@sallyport/stage';
import type { ProposalView } from '@sallyport/teams';
import { type Html, html } from '../html';
import { list, panel, quoted, time } from './pieces';
import { type Answering, voteForm } from './vote-form';

type Asked = Case & { evidence: Evidence; proposal: NonNullable<Case['proposal']>; triage: Triage };

/** Whether people are or were asked about this case, so that there is a proposal to show. */
export function isAsked(c: Case): c is Asked {
  return c.evidence !== null && c.proposal !== null && c.triage !== null;
}

const titles: Readonly<Record<ProposalView['status'], string>> = {
  open: 'A decision is asked',
  approved: 'Approved',
  denied: 'Denied',
  expired: 'Not decided in time',
  withdrawn: 'No longer asked',
  replaced: 'No longer asked',
};

/** What is asked, what each answer does, who has answered, and the answer of whoever looks at it, if it is theirs. */
export function decisionPanel(c: Asked, answering: Answering | null, now: Date): Html {
  const view = proposalView(c, now);
  const open = view.status === 'open';
  const left = timeLeft(view.expiresAt, now);
  const body = html`${open ? html`<p class="lead">${asks[view.plan.action]}</p>` : html``}
    ${list(view.events ?? [], 'happened')}
    ${
      open
        ? html`<p>
            <strong>${left ?? 'No time'} left</strong>
            <span class="soft">to answer, until ${time(view.expiresAt)}. Silence never approves.</span>
          </p>`
        : html``
    }
    <div class="columns">
      <div>
        <h3>${open ? 'What Approve does' : 'What was asked'}</h3>
        ${open ? html`<p>Counts as one answer below. When the last one is there, Sallyport:</p>` : html``}
        <ol>
          ${open ? html`<li>reads risk, roles and rules again; if they changed, it does nothing</li>` : html``}
          ${view.plan.steps.map((step) => html`<li>${stepWords[step]}</li>`)}
          ${open ? html`<li>reads back that each step took effect, and writes it to the ticket</li>` : html``}
        </ol>
        ${byHand(view)}
      </div>
      ${
        open
          ? html`<div>
              <h3>What Deny does</h3>
              <p>Ends the question at once, whatever others have said:</p>
              <ol>
                <li>none of these steps is carried out; what is contained stays contained</li>
                <li>the case goes to manual review, and the ticket says so</li>
              </ol>
            </div>`
          : html``
      }
    </div>
    <h3>Answers needed, from different people</h3>
    ${quorum(view)} ${open && answering ? voteForm(c, answering, now) : html``}`;
  // A case that went to a person for another reason has not run out of time.
  const unasked = c.review !== null && c.proposal.outcome === null;
  return panel(unasked ? 'No longer asked' : titles[view.status], body, open ? 'asked' : '');
}

const asks: Readonly<Record<ProposalView['plan']['action'], string>> = {
  contain: 'Shall this account be contained?',
  release: 'Shall this account be released?',
};

function byHand({ plan }: ProposalView): Html {
  if (plan.manual.length === 0) return html``;
  const rows = plan.manual.map(
    ({ kind, reason, instruction }) =>
      html`${stepWords[kind]}: ${reason}. <span class="soft">${instruction}</span>`,
  );
  return html`<h3>Left to do by hand</h3>
    ${list(rows)}`;
}

function quorum({ quorum: slots }: ProposalView): Html {
  const rows = slots.map(({ role, count, have }) => {
    const complete = have.length >= count;
    return html`<li class="${complete ? 'given' : 'open'}">
      <strong>${roleWords[role]}</strong>: ${have.length} of ${count} ${names(have)}
    </li>`;
  });
  return html`<ul class="quorum">
    ${rows}
  </ul>`;
}

function names(have: readonly Untrusted[]): Html {
  if (have.length === 0) return html``;
  const told = have.map((name, at) => html`${at > 0 ? ', ' : ''}${quoted(name)}`);
  return html`<span class="soft">(${told})</span>`;
}
