import { type Case, citedWords, disagreementWords } from '@sallyport/case';
import type { Action, Evidence, FiredRule, Ruling, Triage } from '@sallyport/evidence';
import { type Html, html } from '../html';
import { list, panel } from './pieces';

const actionWords: Readonly<Record<Action, string>> = {
  contain: 'Contain the account',
  release: 'Release the account',
  close: 'Close the case without a change',
};

/** What policy said about each action, with the reason of every rule that fired, the overruled ones last. */
export function reasonsPanel({ decision }: Case): Html {
  if (!decision) return html``;
  const rulings = (['contain', 'release', 'close'] as const)
    .map((action) => [action, decision.rulings[action]] as const)
    .filter(([, ruling]) => ruling.effect === 'permit' || ruling.rules.length > 0)
    .map(
      ([action, ruling]) =>
        html`<h3>${actionWords[action]}: ${rulingWords(ruling)}</h3>
          ${list([...ruling.rules.map(ruleWords), ...(ruling.overruled ?? []).map(overruledWords)])}`,
    );
  const errors = decision.errors.map((error) => html`<span class="failed">${error}</span>`);
  const body = html`<p class="soft">Rules decide what may be asked at all: <code>${decision.pack}</code></p>
    ${rulings} ${list(errors)} ${rulings.length === 0 ? html`<p>No rule permits anything here.</p>` : html``}`;
  return panel('Why policy says so', body);
}

const ruleWords = ({ id, reason }: FiredRule) => html`${reason} <code>${id}</code>`;

/** What the forbid beat: without it, it would have been allowed for this reason. */
const overruledWords = (rule: FiredRule) =>
  html`<span class="soft">Would have been permitted by: ${ruleWords(rule)}</span>`;

function rulingWords({ effect, immediate, quorum }: Ruling): string {
  if (effect === 'deny') return 'not allowed';
  if (immediate) return 'at once';
  return quorum.length > 0 ? 'after people have approved' : 'allowed';
}

/** Last, and labelled: it decides nothing, and it may be wrong. */
export function advicePanel({ triage, evidence }: Case): Html {
  if (!triage) return html``;
  const body = html`<p class="soft">${authorWords(triage)} It takes no part in the decision.</p>
    ${list(triage.notes ?? [], 'notes')}
    ${list(triage.statements.map((_, at) => statement(triage, evidence, at)))}
    <p><strong>Recommendation:</strong> ${triage.recommendation}</p>
    ${triage.disagreement ? html`<p><strong>${disagreementWords(triage.disagreement)}</strong></p>` : html``}
    ${triage.openQuestions.length > 0 ? html`<h3>Open questions</h3>` : html``} ${list(triage.openQuestions)}`;
  return panel('Advice, not a decision', body, 'advice');
}

/** With the evidence that it rests on, where its author had to say so. */
function statement({ statements, citations }: Triage, evidence: Evidence | null, at: number): Html {
  const rests = citations?.[at]?.map(
    (ref) =>
      html`<span class="soft">${evidence ? citedWords(ref, evidence) : ''}</span> <code>${ref}</code> `,
  );
  return html`${statements[at] ?? ''} ${rests ?? ''}`;
}

function authorWords({ author }: Triage): string {
  return author.kind === 'template'
    ? 'Written by a fixed template.'
    : `Written by the model ${author.name}; it may be wrong.`;
}
