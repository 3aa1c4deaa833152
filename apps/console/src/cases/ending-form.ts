import {
  type Case,
  canOnlyBeRetried,
  doubtsOf,
  leftOfRelease,
  openSteps,
  retryWords,
  stepStates,
  stepWords,
  whereToLook,
} from '@sallyport/case';
import type { PlanSlot, Resolution } from '@sallyport/evidence';
import { type Html, html } from '../html';
import { noteMaxLength, stepField } from './ending';
import { list } from './pieces';
import { type Answering, signInAgainPath } from './vote-form';

/** What the person who looks may do about the review, as it was found when the page was made. */
export type Ending = Omit<Answering, 'approved'>;

export const endingPath = (caseId: string): string => `/cases/${caseId}/review`;

/** The ways to end a review, each closed until somebody opens it. They carry which review stands above them. */
export function endingForms(c: Case, ending: Ending, now: Date): Html {
  const { objection, lacking } = ending;
  if (objection !== null) return html`<p class="answer soft">${objection}</p>`;
  if (lacking !== null) return signInFirst(c.id, lacking);
  const retry = form(c, ending, {
    resolution: 'retry',
    title: 'Try again',
    body: retryBody(c, now),
    asks: 'Why it should work now',
    button: 'Try again',
  });
  const byHand = [
    form(c, ending, {
      resolution: 'doneByHand',
      title: 'It was done by hand',
      body: html`${handsOff} ${statements(c)}`,
      asks: 'What you did, and what you left',
      button: 'End the review: done by hand',
    }),
    form(c, ending, {
      resolution: 'close',
      title: 'Close, nothing more is to be done',
      body: handsOff,
      asks: 'Why nothing more is to be done',
      button: 'Close the case',
    }),
  ];
  return html`<div class="answer endings">
    <h3>End this review</h3>
    <p class="soft">Your name, the time and your words are stored with the case and written to the ticket.</p>
    ${retry}
    ${canOnlyBeRetried(c) ? html`<p class="soft">Nothing was read yet, so nobody knows whom this case is about: until then it can only be tried again.</p>` : byHand}
  </div>`;
}

interface Way {
  resolution: Resolution;
  title: string;
  body: Html;
  asks: string;
  button: string;
}

function form(c: Case, { formToken }: Ending, { resolution, title, body, asks, button }: Way): Html {
  const noteId = `note-${resolution}`;
  return html`<details>
    <summary>${title}</summary>
    <form method="post" action="${endingPath(c.id)}" autocomplete="off">
      <input type="hidden" name="formToken" value="${formToken}" />
      <input type="hidden" name="review" value="${c.review?.openedSeq ?? 0}" />
      <input type="hidden" name="resolution" value="${resolution}" />
      ${body}
      <label for="${noteId}">${asks}</label>
      <textarea id="${noteId}" name="note" rows="3" maxlength="${noteMaxLength}" required></textarea>
      <div class="buttons"><button>${button}</button></div>
    </form>
  </details>`;
}

const handsOff = html`<p>
  Sallyport does nothing more for this case and changes nothing on the account. The ticket stays open for you.
</p>`;

function retryBody(c: Case, now: Date): Html {
  const doubts = doubtsOf(c).map(({ slot, action: { step } }) => ({ slot, step }));
  const free = doubts.map(
    (doubt) =>
      html`<label class="choice">
        <input type="checkbox" name="${stepField(doubt)}" value="notDone" />
        <span>
          I have looked: <strong>${stepWords[doubt.step]}</strong> has not taken effect.
          <span class="soft">Look at ${whereToLook[doubt.step]}.</span>
        </span>
      </label>`,
  );
  return html`${list(retryWords(c, now.toISOString()))} ${free}
  ${doubts.length > 0 ? html`<p class="soft">Not sure? Leave it empty: then Sallyport only looks again.</p>` : html``}`;
}

/** An answer for each step that is not proven: what a person says stands in the log as their word. */
function statements(c: Case): Html {
  const states = [leftOfRelease(c)?.run ?? null, c.immediate, c.proposed].flatMap((run) =>
    stepStates(run).map(({ step, state }) => [`${run?.slot} ${step}`, state] as const),
  );
  const stateOf = new Map(states);
  const rows = openSteps(c).map((open) => {
    const name = stepField(open);
    return html`<fieldset>
      <legend>
        ${stepWords[open.step]}
        <span class="soft"
          >${slotWords[open.slot]}; ${stateOf.get(`${open.slot} ${open.step}`) ?? 'by hand'}</span
        >
      </legend>
      <label class="choice"
        ><input type="radio" name="${name}" value="done" required /> <span>Done</span></label
      >
      <label class="choice"
        ><input type="radio" name="${name}" value="notDone" /> <span>Not done</span></label
      >
    </fieldset>`;
  });
  return html`${rows}`;
}

const slotWords: Readonly<Record<PlanSlot, string>> = {
  immediate: 'of the containment at once',
  proposed: 'of the plan that people were asked about',
};

const signInWords: Readonly<Record<NonNullable<Ending['lacking']>, string>> = {
  recent: 'To end this review, first sign in again: this proves that it is you who decides.',
  context:
    'To end this review, first sign in again in the stronger way that your organisation asks for here.',
  time: 'To end this review, first sign in again. If this stays so afterwards, your organisation’s sign-in does not say when you proved who you are (the claim auth_time is missing); tell the owners of Sallyport.',
};

function signInFirst(caseId: string, lacking: NonNullable<Ending['lacking']>): Html {
  return html`<div class="answer">
    <p>${signInWords[lacking]}</p>
    <a class="button" href="${signInAgainPath(caseId)}">Sign in again to end the review</a>
  </div>`;
}
