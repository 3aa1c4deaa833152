import type { Case } from '@sallyport/case';
import { commentMaxLength } from '@sallyport/teams';
import { type Html, html } from '../html';

/** What the person who looks may do about the proposal, as it was found when the page was made. */
export interface Answering {
  /** Why this person's vote would not be taken, in words for them, or null. */
  objection: string | null;
  /** They have approved already, and may still say no. */
  approved: boolean;
  /** What their sign-in lacks for a vote; see {@link lacking} in sign-in-proof.ts. */
  lacking: 'time' | 'recent' | 'context' | null;
  formToken: string;
}

export const votesPath = (caseId: string): string => `/cases/${caseId}/votes`;
export const casePath = (caseId: string): string => `/cases/${caseId}`;
/** Signs in again, as strictly as a vote needs it, and comes back to the case. */
export const signInAgainPath = (caseId: string): string =>
  `/login?again&return=${encodeURIComponent(casePath(caseId))}`;

/**
 * The buttons, for whom they serve. They carry the digest of the proposal that stands above them: a vote on anything
 * else is refused.
 */
export function voteForm(c: Case, { objection, approved, lacking, formToken }: Answering, now: Date): Html {
  if (!c.proposal || now.toISOString() >= c.proposal.expiresAt) return html``;
  if (objection !== null) return html`<p class="answer soft">${objection}</p>`;
  if (lacking !== null) return signInFirst(c.id, lacking);
  return html`<form class="answer" method="post" action="${votesPath(c.id)}" autocomplete="off">
    <input type="hidden" name="formToken" value="${formToken}" />
    <input type="hidden" name="proposal" value="${c.proposal.digest}" />
    ${approved ? html`<p><strong>You have approved.</strong> Until it is decided you can still deny.</p>` : managerHint(c)}
    <label for="comment">Comment, stored with your vote <span class="soft">(optional)</span></label>
    <textarea id="comment" name="comment" rows="3" maxlength="${commentMaxLength}"></textarea>
    <div class="buttons">
      ${approved ? html`` : html`<button class="approve" name="choice" value="approve">Approve</button>`}
      <button class="deny" name="choice" value="deny">Deny</button>
    </div>
  </form>`;
}

const signInWords: Readonly<Record<NonNullable<Answering['lacking']>, string>> = {
  recent: 'To vote, first sign in again: this proves that it is you who decides.',
  context: 'To vote, first sign in again in the stronger way that your organisation asks for here.',
  time: 'To vote, first sign in again. If this stays so afterwards, your organisation’s sign-in does not say when you proved who you are (the claim auth_time is missing); tell the owners of Sallyport.',
};

function signInFirst(caseId: string, lacking: NonNullable<Answering['lacking']>): Html {
  return html`<div class="answer">
    <p>${signInWords[lacking]}</p>
    <a class="button" href="${signInAgainPath(caseId)}">Sign in again to vote</a>
  </div>`;
}

/** A manager confirms a person, not a risk. */
function managerHint({ proposal }: Case): Html {
  if (!proposal?.quorum.some(({ role }) => role === 'manager')) return html``;
  return html`<p class="soft">
    If you are this person’s manager: approve only if you have spoken to them yourself, not by mail or chat.
  </p>`;
}
