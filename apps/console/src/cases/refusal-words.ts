import { refusals } from '@sallyport/case';
import type { Refusal } from '@sallyport/evidence';

/** What a person is told on a page; where the words for a card speak of cards, others. */
export const refusalWords: Readonly<Record<Refusal, string>> = {
  ...refusals,
  notReady: 'One moment: the others are still being asked. Open the case again in a minute.',
  staleProposal: 'The case has changed since this page was made. Look at it again before you decide.',
  noRole: 'None of the roles asked for is yours, so you cannot vote on this case.',
  slotsFull: 'Your role has been answered for already. The others that are listed are still needed.',
  tooManyClicks: 'That was many tries in a short time. Wait a minute, then vote once.',
  unknownPerson:
    'The directory does not know your account any more, or not yet, so you cannot vote on this case.',
  unverified: 'Your rights could not be checked just now, so no vote can be taken. Try again in a minute.',
};
