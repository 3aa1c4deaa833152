import type { EvidenceItem } from '../input/evidence-items';

/** A run of this many words taken from text of outsiders is theirs and not advice. */
const echoWords = 5;

/** Whether a text repeats a run of words that an outsider wrote. */
export function echoes(text: string, items: readonly EvidenceItem[]): boolean {
  const spoken = ` ${simple(text)} `;
  return items.some(({ fields }) =>
    Object.values(fields).some((value) => {
      if (value === null || typeof value !== 'object') return false;
      const words = simple(value.untrusted).split(' ');
      return words.some(
        (_, at) =>
          at + echoWords <= words.length && spoken.includes(` ${words.slice(at, at + echoWords).join(' ')} `),
      );
    }),
  );
}

const simple = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
