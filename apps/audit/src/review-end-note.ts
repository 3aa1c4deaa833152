import { type Case, type ReviewEnd, retryWords, roleWords, stepWords, timeWords } from '@sallyport/case';
import type { Resolution } from '@sallyport/evidence';
import { plainText } from './plain-text';

const headlines: Readonly<Record<Resolution, string>> = {
  retry: 'MANUAL REVIEW ENDED: it is tried again.',
  doneByHand: 'MANUAL REVIEW ENDED: done by hand.',
  close: 'MANUAL REVIEW ENDED: closed, nothing more is done.',
};

/** Who ended the review, how, and what follows. */
export function reviewEndNote(c: Case, ended: ReviewEnd): string[] {
  const roles = ended.roles.map((role) => roleWords[role]).join(', ');
  return [
    headlines[ended.resolution],
    `By ${plainText(ended.personName, 80)} (${roles}; ${ended.personId}) on ${timeWords(ended.at)}, on the console.`,
    `They say: “${plainText(ended.note, 1_000)}”`,
    ...said(ended),
    ...(ended.resolution === 'retry'
      ? ['', 'What follows:', ...retryWords(c, ended.at).map((line) => `- ${line}`)]
      : ['', 'Sallyport does nothing more for this case. This ticket is yours to resolve.']),
  ];
}

/** A person's word, and no proof: the ticket must not say more. */
function said({ resolution, steps }: ReviewEnd): string[] {
  if (steps.length === 0) return [];
  const not = resolution === 'retry' ? 'did not take effect' : 'not done';
  return [
    '',
    'By their word, not proven by Sallyport:',
    ...steps.map(({ step, done }) => `- ${stepWords[step]}: ${done ? 'done' : not}`),
  ];
}
