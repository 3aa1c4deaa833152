import { sampleId } from '@sallyport/evidence/testing';
import { evidence } from './testing/a-case';
import { citedWords, disagreementWords } from './advice-words';

it.each([
  ['contain', 'release', 'The model would leave the account contained. Take that for a reason'],
  [null, 'release', 'The model would do nothing yet, and not release the account. Take that for a reason'],
  [null, 'contain', 'The model would do nothing yet. The strictest course that policy permits is to contain'],
  ['release', 'contain', 'The model would release the account. The strictest course that policy permits is'],
] as const)('tells %s where the strictest is %s', (advised, strictest, told) => {
  expect(disagreementWords({ advised, strictest })).toContain(told);
});

it('calls a row by its time, and what is no row or not there any more by its name', () => {
  const { signIns } = evidence();
  const row = signIns.state === 'known' ? signIns.value[0] : undefined;
  for (const [ref, told] of [
    ...(row ? [[`signIns/${row.id}`, /^sign-in of \d{4}-\d{2}-\d{2} \d{2}:\d{2} UTC$/] as const] : []),
    [`changes/${sampleId(99)}`, /^change$/],
    ['devices/laptop', /^device$/],
    ['ticket/journal/0', /^note in the ticket$/],
    ['ticket', /^ticket$/],
    ['signIns', /^sign-ins$/],
    ['risk', /^risk$/],
    ['user', /^account$/],
  ] as const)
    expect(citedWords(ref, evidence())).toMatch(told);
});
