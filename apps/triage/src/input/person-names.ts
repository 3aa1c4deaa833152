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

export interface PersonName {
  /** Folded. */
  name: string;
  /** Whether a longer word that begins with it is about the person, too. */
  begins: boolean;
}

/**
 * What a person may be called by in a text, folded: the whole name, its words of two letters or more, both without what
 * stands between them, also the other way round, and the account names that are made of them (`ssubject`, `sams`). An initial alone is not
 * looked for.
 */
export function namesOf(displayName: string): PersonName[] {
  return spellingsOf(displayName).flatMap((name) => {
    const words = wordsOf(name, 1);
    const backwards = words.toReversed();
    const [first = '', last = ''] = [words[0], words.at(-1)];
    const [f, l] = [first.slice(0, 1), last.slice(0, 1)];
    const accounts = words.length > 1 ? [[f, last] as const, [last, f] as const, [first, l] as const] : [];
    return distinct([
      madeOf(words, name),
      madeOf(words),
      madeOf(backwards),
      ...wordsOf(name, 2).map((word) => madeOf([word])),
      ...accounts.map((parts) => madeOf(parts)).filter((it) => it.name.length >= minAccountLength),
    ]);
  });
}
const minAccountLength = 4;

/** With fewer letters beside an initial a name begins words that are about nobody: `sams` Samsung, `plane` planet. */
const minBesideInitial = 5;

/** @param name as it is written, where that is not the parts alone */
function madeOf(parts: readonly string[], name = parts.join('')): PersonName {
  const whole = parts.filter((part) => lengthOf(part) > 1);
  // What ends in an initial ends there: `Sam S` is not in `Sam said`. Its other words are looked for alone.
  const endsInInitial = whole.at(-1) !== parts.at(-1);
  const enough = whole.length === parts.length || lengthOf(whole.join('')) >= minBesideInitial;
  return { name, begins: !endsInInitial && enough };
}

/**
 * What an account may be called by: its whole address, what stands before the `@` and its words, and the labels of the
 * domain of three letters or more but for the last; two letters are a country.
 */
export function accountNamesOf(userPrincipalName: string): PersonName[] {
  return spellingsOf(userPrincipalName).flatMap((name) => {
    const [local = '', domain = ''] = name.split('@');
    const labels = domain.split('.').slice(0, -1);
    return distinct([
      madeOf([name]),
      ...namesOf(local),
      ...labels
        .flatMap((label) => wordsOf(label, 3))
        .filter((label) => !commonLabels.has(label))
        .map((label) => madeOf([label])),
    ]);
  });
}

const spellingsOf = (name: string): string[] => {
  const small = name.normalize('NFKC').toLowerCase().trim();
  const spelled = spelledOut.reduce((text, [letter, instead]) => text.replace(letter, instead), small);
  const folded = [small, spelled].map((text) => foldedText(text).folded);
  return [...new Set([...folded, ...folded.map((text) => text.replaceAll("'", ''))])];
};

const wordsOf = (name: string, minLength: number): string[] =>
  (name.match(/[\p{L}\p{N}]+(?:'[\p{L}\p{N}]+)*/gu) ?? [])
    .filter((word) => lengthOf(word) >= minLength && /\p{L}/u.test(word))
    .slice(0, maxWords);

/** Of the same name in two makings the one that finds more. */
const distinct = (names: readonly PersonName[]): PersonName[] => {
  const begins = new Set(names.filter((it) => it.begins).map(({ name }) => name));
  return [...new Set(names.map(({ name }) => name))]
    .filter((name) => lengthOf(name) >= 2)
    .map((name) => ({ name, begins: begins.has(name) }));
};

/** As it is read: a folded syllable of Hangul is in parts. */
const lengthOf = (word: string): number => word.normalize('NFC').length;
