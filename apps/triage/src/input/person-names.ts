import { foldedText } from './folded-text';

/** How many words of one name are looked for. */
const maxWords = 12;
/** Labels of an address that name no organisation. */
const commonLabels: ReadonlySet<string> = new Set(['onmicrosoft', 'microsoft', 'ext', 'mail', 'www']);
/** German, Scandinavian: what is written where the letter is not at hand. */
const spelledOut: readonly [RegExp, string][] = [
  [/ä/g, 'ae'],
  [/[öø]/g, 'oe'],
  [/ü/g, 'ue'],
  [/å/g, 'aa'],
];

/**
 * What a person may be called by in a text, folded: the whole name, its words of two letters or more, both without what
 * stands between them, also the other way round, and the account names that are made of them (`ssubject`, `sams`). An initial alone is not
 * looked for.
 */
export function namesOf(displayName: string): string[] {
  return spellingsOf(displayName).flatMap((name) => {
    const words = wordsOf(name, 1);
    const [first = '', last = ''] = [words[0], words.at(-1)];
    const accounts =
      words.length > 1
        ? [`${first.slice(0, 1)}${last}`, `${last}${first.slice(0, 1)}`, `${first}${last.slice(0, 1)}`]
        : [];
    return distinct([
      name,
      words.join(''),
      words.toReversed().join(''),
      ...wordsOf(name, 2),
      ...accounts.filter((it) => it.length >= minAccountLength),
    ]);
  });
}
const minAccountLength = 4;

/**
 * What an account may be called by: its whole address, what stands before the `@` and its words, and the labels of the
 * domain of three letters or more but for the last; two letters are a country.
 */
export function accountNamesOf(userPrincipalName: string): string[] {
  return spellingsOf(userPrincipalName).flatMap((name) => {
    const [local = '', domain = ''] = name.split('@');
    const labels = domain.split('.').slice(0, -1);
    return distinct([
      name,
      ...namesOf(local),
      ...labels.flatMap((label) => wordsOf(label, 3)).filter((label) => !commonLabels.has(label)),
    ]);
  });
}

const spellingsOf = (name: string): string[] => {
  const small = name.normalize('NFKC').toLowerCase().trim();
  const spelled = spelledOut.reduce((text, [letter, instead]) => text.replace(letter, instead), small);
  const folded = [small, spelled].map((text) => foldedText(text).folded);
  return distinct([...folded, ...folded.map((text) => text.replaceAll("'", ''))]);
};

const wordsOf = (name: string, minLength: number): string[] =>
  (name.match(/[\p{L}\p{N}]+(?:'[\p{L}\p{N}]+)*/gu) ?? [])
    .filter((word) => lengthOf(word) >= minLength && /\p{L}/u.test(word))
    .slice(0, maxWords);

const distinct = (names: readonly string[]): string[] =>
  [...new Set(names)].filter((name) => lengthOf(name) >= 2);

/** As it is read: a folded syllable of Hangul is in parts. */
const lengthOf = (word: string): number => word.normalize('NFC').length;
