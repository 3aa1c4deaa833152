/*
 * What a question may ask that a statement may not say: whether somebody did something. Only in this one form, so that
 * nothing is taken for granted: "Did the manager confirm it?", and not "Why wait, if the manager confirmed it?".
 */
const whether = new RegExp(
  [
    '^(?:(?:Has|Have) (?:SOMEBODY) (?:spoken with the user|confirmed|explained|expected|planned|recognised|recognized)',
    '|(?:Did|Does|Do|Can|Could) (?:SOMEBODY) (?:confirm|expect|explain|plan|recognise|recognize|speak with the user))(?=[ ?])',
  ]
    .join('')
    .replaceAll('SOMEBODY', 'anybody|somebody|the manager|the owner|the user|you'),
);

/** Of a channel by which somebody was spoken with. */
export const questionPhrases: readonly string[] = [
  'over a channel that was trusted',
  'over a trusted channel',
];

/** @returns what is left of a question once "Did the manager confirm" is taken from its beginning */
export function withoutAsking(text: string): string {
  return text.trim().replace(whether, '').trim();
}
