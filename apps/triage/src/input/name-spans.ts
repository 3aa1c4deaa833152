import type { FoldedText } from './folded-text';
import type { Span } from './network-addresses';
import type { PersonName } from './person-names';

/** A letter or digit that is read. */
const letter = /(?!\p{Default_Ignorable_Code_Point})\p{L}/u;
const digit = /\p{N}/u;
/** Scripts that write no space between words. */
const unspaced = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}]/u;

/** A shorter name begins too many words: `Sam` and `same`. */
const minStemLength = 4;

export interface NameSpan extends Span {
  name: string;
}

/**
 * Where one of these names stands in a text as a word of its own or, with four letters or more and where it may, begins one:
 * `Annas`, `Annának`, `AnnaLaptop`. Then all of the word is it. The longest where several do. A word that only ends in a name is not found.
 *
 * @param names folded
 */
export function nameSpans(
  text: string,
  folding: FoldedText,
  names: ReadonlyMap<string, Pick<PersonName, 'begins'>>,
): NameSpan[] {
  const { folded } = folding;
  const byFirst = new Map<string, string[]>();
  for (const name of [...names.keys()].sort((a, b) => b.length - a.length)) {
    const first = name.slice(0, 1);
    byFirst.set(first, [...(byFirst.get(first) ?? []), name]);
  }
  const spans: NameSpan[] = [];
  for (let start = 0; start < folded.length; start += 1) {
    const found = byFirst
      .get(folded.charAt(start))
      ?.filter((name) => folded.startsWith(name, start))
      .map((name) => ({ start, end: endOf(folding, start, name, names.get(name)?.begins === true), name }))
      .find((span) => isName(text, folding, span));
    if (!found) continue;
    spans.push(found);
    start = found.end - 1;
  }
  return spans;
}

/** Where the word ends that a name begins, or else the name. */
function endOf({ folded, starts, ends }: FoldedText, start: number, name: string, begins: boolean): number {
  let end = start + name.length;
  if (!begins || name.normalize('NFC').length < minStemLength) return end;
  for (;;) {
    const next = String.fromCodePoint(folded.codePointAt(end) ?? 0);
    // What is invisible parts words.
    if (!letter.test(next) || starts[end] !== ends[end - 1] || !joined(lastOf(folded, end), next)) return end;
    end += next.length;
  }
}
const lastOf = (folded: string, end: number) => Array.from(folded.slice(Math.max(0, end - 2), end)).at(-1);

/**
 * Whether it begins and ends where words do, in the text and not only in what is left of it: an invisible character
 * between two words parts them.
 */
function isName(text: string, { starts, ends }: FoldedText, { start, end }: Span): boolean {
  const [from = 0, to = 0] = [starts[start], ends[end - 1]];
  const name = Array.from(text.slice(from, to));
  const whole = starts[start - 1] !== from && starts[end] !== starts[end - 1];
  return (
    whole &&
    !joined(Array.from(text.slice(Math.max(0, from - 2), from)).at(-1), name[0]) &&
    !joined(name.at(-1), Array.from(text.slice(to, to + 2))[0]) &&
    !isWord(name.join(''))
  );
}

/** Whether two characters beside each other are of one word: two letters, or two digits. */
function joined(left = '', right = ''): boolean {
  if (unspaced.test(left) || unspaced.test(right)) return false;
  return (letter.test(left) && letter.test(right)) || (digit.test(left) && digit.test(right));
}

/** Whether two letters are rather a word than a name: "so", where somebody is called So. */
const isWord = (name: string): boolean =>
  name.length === 2 && name === name.toLowerCase() && name !== name.toUpperCase();
