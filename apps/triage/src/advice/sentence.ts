/** A word, number or hyphenated compound of a sentence, without the marks around it. */
export interface Chunk {
  written: string;
  /** A sentence begins with it. */
  begins: boolean;
  /** Was written with `'s`. */
  owns: boolean;
  /** A comma, a stop or a bracket comes after it. */
  ends: boolean;
}

export function chunksOf(text: string): Chunk[] {
  let begins = true;
  return text
    .split(/\s+/)
    .filter((chunk) => chunk !== '')
    .map((chunk) => {
      const bare = chunk.replace(/^[('"]+/, '');
      const written = bare.replace(/[.,;:!?)'"]+$/, '').replace(/'s$/, '');
      const owns = /'s[.,;:!?)'"]*$/.test(bare);
      const result = { written, begins, owns, ends: /[.,;:!?)'"]$/.test(bare) };
      begins = /[.!?][)'"]*$/.test(chunk);
      return result;
    })
    .filter(({ written }) => written !== '');
}

/** Whether a chunk is this word, which a sentence may begin with a capital. */
export function isWritten({ written, begins }: Chunk, word: string): boolean {
  return written === word || (begins && written === word.slice(0, 1).toUpperCase() + word.slice(1));
}

/** How many chunks from `at` on are this phrase, the longest of them: 0 where none is. */
export function phraseAt(chunks: readonly Chunk[], at: number, phrases: Iterable<string>): number {
  let longest = 0;
  for (const phrase of phrases) {
    const words = phrase.split(' ');
    const isHere = words.every((word, n) => {
      const chunk = chunks[at + n];
      return chunk !== undefined && isWritten(chunk, word) && (!chunk.ends || n === words.length - 1);
    });
    if (isHere) longest = Math.max(longest, words.length);
  }
  return longest;
}

/** Words that deny what else their clause says. */
export const denials: readonly string[] = ['cannot', 'no', 'none', 'not', 'nothing', 'without'];
