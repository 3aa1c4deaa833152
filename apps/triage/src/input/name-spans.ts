import type { FoldedText } from './folded-text';
import type { Span } from './network-addresses';

/** A letter or digit that is read. */
const letter = /(?!\p{Default_Ignorable_Code_Point})\p{L}/u;
const digit = /\p{N}/u;
/** Scripts that write no space between words. */
const unspaced = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}]/u;

/**
 * Where one of these names stands as a word of its own in a text; the longest where several do.
 *
 * @param names folded
 */
export function nameSpans(text: string, folding: FoldedText, names: ReadonlyMap<string, unknown>): Span[] {
  const { folded } = folding;
  const byFirst = new Map<string, string[]>();
  for (const name of [...names.keys()].sort((a, b) => b.length - a.length)) {
    const first = name.slice(0, 1);
    byFirst.set(first, [...(byFirst.get(first) ?? []), name]);
  }
  const spans: Span[] = [];
  for (let start = 0; start < folded.length; start += 1) {
    const found = byFirst
      .get(folded.charAt(start))
      ?.map((name) => ({ start, end: start + name.length, name }))
      .find(({ end, name }) => folded.startsWith(name, start) && isName(text, folding, { start, end }));
    if (!found) continue;
    spans.push({ start, end: found.end });
    start = found.end - 1;
  }
  return spans;
}

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
