import type { Instant } from '@sallyport/evidence';
import type { Phase, UnadvisedCase } from './case';
import { doubtsOf, resumesAt } from './retry';
import { stepWords } from './words';

/** What a retry does, by where it goes on. What is not listed starts from fresh evidence. */
const goesOn: Readonly<Partial<Record<Phase, string>>> = {
  asking: 'The same people are asked again, with a new time to answer.',
  linked: 'The note on the ticket is written again, and nothing else.',
  settled: 'The note on the ticket is written again, and nothing else.',
  recorded: 'The case is closed, and nothing else.',
  watchOpened: 'The note about the release is written again, and the account is watched.',
  watching: 'The risk of the released account is read again.',
};
const startsOver =
  'ticket and account are read anew, the rules decide, and people are asked again where the rules say so. An approval of before counts no more.';

const byHandOnly =
  'A part of the release is done. What is left of it is not taken up again, and the rules may find nothing to release any more: do that by hand.';

/** What happens where a person has the open review tried again at `at`, one sentence per step. */
export function retryWords(c: UnadvisedCase, at: Instant): string[] {
  const doubts = doubtsOf(c).map(({ action }) => stepWords[action.step]);
  const look =
    doubts.length > 0
      ? [
          `First the account is read again, to see whether this took effect: ${doubts.join('; ')}. Nothing of it is called again unless a person has said that it did not happen.`,
        ]
      : [];
  const { proposed } = c;
  const half =
    proposed?.plan.action === 'release' && proposed.actions.some(({ outcome }) => outcome === 'applied');
  const on = goesOn[resumesAt(c, at) ?? 'opened'];
  if (on) return [...look, on];
  const left = half ? [byHandOnly] : [];
  return doubts.length > 0
    ? [
        ...look,
        ...left,
        `Where nothing is left to do then, the case goes on from there. Otherwise: ${startsOver}`,
      ]
    : [...left, `${startsOver.slice(0, 1).toUpperCase()}${startsOver.slice(1)}`];
}
