import { plainPhrases, plainWords, tellingWords } from './plain-words';
import { phrasesFor } from './said-as';

const words = [...plainWords];

it('is in order, so that a reader finds what is in it and what is not', () => {
  expect(words).toEqual([...words].sort());
  expect(plainPhrases).toEqual([...plainPhrases].sort());
  expect(tellingWords).toEqual([...tellingWords].sort());
});

it('has words in lower case alone, none with a digit, and none so short that it could be an abbreviation', () => {
  const short =
    'a an and any are as at bad be but by can did do due end fit for gap had has how if in is it its log new no not now of on or own put row set so the to up use was way who why yet';
  for (const word of words) {
    expect(word).toMatch(/^[a-z]+(?:-[a-z]+)*$/);
    if (word.length <= 3) expect(short.split(' ')).toContain(word);
  }
});

it('tells only with words that it has', () => {
  for (const word of tellingWords) expect(words).toContain(word);
});

it('has no word that evidence must lend', () => {
  const lent = [
    ['level', 'low medium high hidden none'],
    ['mfa', 'passed'],
    ['succeeded', 'true false'],
    ['compliant', 'true false'],
    ['managed', 'true false'],
    ['interactive', 'true'],
    ['accountEnabled', 'true false'],
    ['userType', 'member guest'],
    ['kind', 'selfServiceReset passwordChange deviceRegistered'],
  ].flatMap(([field = '', values = '']) =>
    values.split(' ').flatMap((value) => phrasesFor(field, value).filter((phrase) => !phrase.includes(' '))),
  );
  expect(lent.length).toBeGreaterThan(15);
  for (const word of lent) expect(words).not.toContain(word);
});
