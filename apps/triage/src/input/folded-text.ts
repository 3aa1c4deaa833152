/**
 * A text as it is compared, and where each part of that stands in the text itself: without accents and other marks,
 * without invisible and control characters, in small letters. So `Müller`, `MULLER` and `Mu­ller` are one word.
 */
export interface FoldedText {
  folded: string;
  /** Of UTF-16 units of the text, per unit of `folded`: where its character begins and where what belongs to it ends. */
  starts: readonly number[];
  ends: readonly number[];
}

/** What stands for nothing that can be read; tab and line end do. */
const unread = /^(?![\t-\r])[\p{M}\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]$/u;

export function foldedText(text: string): FoldedText {
  const starts: number[] = [];
  const ends: number[] = [];
  let folded = '';
  let at = 0;
  for (const character of text) {
    const end = at + character.length;
    const part = foldedCharacter(character);
    for (let unit = 0; unit < part.length; unit += 1) {
      starts.push(at);
      ends.push(end);
    }
    // A mark belongs to the letter before it.
    if (part === '' && /\p{M}/u.test(character) && ends.length > 0) ends[ends.length - 1] = end;
    folded += part;
    at = end;
  }
  return { folded, starts, ends };
}

/** Capitals first: `ß` is `ss`, `ı` and `İ` are `i`, and both small sigmas are one. */
function foldedCharacter(character: string): string {
  if (/^[ -~]$/.test(character)) return character.toLowerCase();
  const letters = Array.from(character.normalize('NFKD')).filter((letter) => !unread.test(letter));
  const small = letters.join('').toUpperCase().toLowerCase();
  return Array.from(small.normalize('NFKD'))
    .filter((letter) => !unread.test(letter))
    .map((letter) => plainLetters.get(letter) ?? letter)
    .join('');
}

/** Letters that people write without their stroke, and that do not decompose; and every apostrophe. */
const plainLetters: ReadonlyMap<string, string> = new Map([
  ['ø', 'o'],
  ['ł', 'l'],
  ['đ', 'd'],
  ['ð', 'd'],
  ['þ', 'th'],
  ['æ', 'ae'],
  ['œ', 'oe'],
  ['‘', "'"],
  ['’', "'"],
  ['ʼ', "'"],
]);
