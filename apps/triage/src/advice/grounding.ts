import type { EvidenceItem } from '../input/evidence-items';
import type { CitingText } from './answer';
import { type Ground, groundOf } from './ground';
import { attackerActs, clauseWords, personTells } from './person-tells';
import { echoes } from './echo';
import { type Numbers, numbersOf, saysNone } from './numbers';
import { lentPhrases, plainPhrases, plainWords } from './plain-words';
import { questionPhrases, withoutAsking } from './questions';
import { mixesRows, type Said } from './rows';
import { type Chunk, chunksOf, denials, isWritten, phraseAt } from './sentence';

/** Why a sentence of a model is not shown. */
export type Flaw =
  | 'notPlain'
  | 'citesNothing'
  | 'citesUnknown'
  | 'number'
  | 'time'
  | 'rows'
  | 'word'
  | 'denial'
  | 'act'
  | 'echo';

/** The longest sentence that is shown, in UTF-16 units. */
export const maxSentenceLength = 300;
const maxCitations = 6;

/**
 * Whether a sentence may be shown: plain text, resting on evidence that exists, of which every word is either plain
 * English of the closed list in `plain-words.ts` or said by the cited evidence, every number, date and time is one of the
 * cited evidence, and nothing that this evidence says is denied. Text that outsiders wrote is evidence of nothing. This
 * cannot tell whether a sentence is *right*; it keeps invented facts and links out.
 *
 * @returns null where it may be shown
 */
export function flawOf({ text, cites }: CitingText, items: readonly EvidenceItem[]): Flaw | null {
  if (cites.length === 0 || cites.length > maxCitations) return 'citesNothing';
  const cited = items.filter(({ id }) => cites.includes(id));
  if (new Set(cites).size !== cited.length) return 'citesUnknown';
  return flawWithin(text, text, plainPhrases, cited, items);
}

/** As {@link flawOf}, for a question to the approver, which may speak of anything in the evidence. */
export function flawOfQuestion(text: string, items: readonly EvidenceItem[]): Flaw | null {
  if (!text.trim().endsWith('?')) return 'notPlain';
  return flawWithin(text, withoutAsking(text), [...plainPhrases, ...questionPhrases], items, items);
}

function flawWithin(
  text: string,
  /** The part of it that must be plain or borne out. */
  claimed: string,
  phrases: readonly string[],
  cited: readonly EvidenceItem[],
  items: readonly EvidenceItem[],
): Flaw | null {
  if (!isPlain(text)) return 'notPlain';
  const chunks = chunksOf(claimed);
  const grounds = cited.map(groundOf);
  const numbers = numbersOf(chunks, grounds);
  if (numbers.flaw) return numbers.flaw;
  const words = wordsOf(chunks, numbers, phrases, grounds);
  if ('flaw' in words) return words.flaw;
  if (saysNone(chunks, grounds)) return 'number';
  if (mixesRows(chunks, numbers, words.said, grounds)) return 'rows';
  if (personTells(chunks) || attackerActs(chunks)) return 'act';
  return echoes(text, items) ? 'echo' : null;
}

/** Letters, digits and the marks of a sentence: nothing that a client could read as a link, a format or a direction. */
function isPlain(text: string): boolean {
  return (
    text.length <= maxSentenceLength &&
    /^[A-Za-z0-9 .,;:'()%/+?!-]+$/.test(text) &&
    /[A-Za-z]/.test(text) &&
    // `//`, `a.example`, `tel:1`: what clients turn into links by themselves.
    !/\/\/|\.[A-Za-z]|[A-Za-z]:\S|\bwww\b/i.test(text)
  );
}

/** Goes through all chunks that are no numbers, longest phrases first. */
function wordsOf(
  chunks: readonly Chunk[],
  numbers: Numbers,
  plain: readonly string[],
  grounds: readonly Ground[],
): { said: Said[] } | { flaw: Flaw } {
  const grounded = new Set(grounds.flatMap((ground) => [...ground.phrases, ...ground.countries]));
  const lent: Said[] = [];
  for (let at = 0; at < chunks.length;) {
    const chunk = chunks[at];
    if (!chunk) break;
    if (numbers.used.has(at)) {
      at += 1;
      continue;
    }
    const said = phraseAt(chunks, at, grounded);
    const idiom = phraseAt(chunks, at, plain);
    if (said > 0 && said >= idiom) {
      // Who did it must be said by the evidence too.
      if (chunks[at + said]?.written === 'by' && phraseAt(chunks, at + said, grounded) === 0)
        return { flaw: 'act' };
      if (deniesAt(chunks, at, lent)) return { flaw: 'denial' };
      // A count is of all, and not of those of which this is true.
      if (numbers.counting.has(at)) return { flaw: 'number' };
      lent.push({ at, length: said });
    } else if (phraseAt(chunks, at, lentPhrases) > 0) return { flaw: 'word' };
    else if (idiom === 0 && !isPlainWord(chunk)) return { flaw: 'word' };
    at += Math.max(1, said, idiom);
  }
  return { said: lent };
}

function isPlainWord(chunk: Chunk): boolean {
  const { written, begins } = chunk;
  const lower = begins ? written.slice(0, 1).toLowerCase() + written.slice(1) : written;
  // A dash between two clauses is no word.
  if (written === '-') return true;
  return plainWords.has(lower) || lower.split(/[-/]/).every((part) => plainWords.has(part));
}

/** What the cited evidence says is not denied: `not compliant`, `nothing about the device is compliant`, `not from Qatar`. */
function deniesAt(chunks: readonly Chunk[], at: number, lent: readonly Said[]): boolean {
  // `not a VIP` denies nothing where evidence says so.
  const isLent = (back: number) => lent.some((said) => back >= said.at && back < said.at + said.length);
  for (let back = at - 1; back >= 0; back -= 1) {
    const before = chunks[back];
    if (!before || before.ends || clauseWords.includes(before.written)) return false;
    if (!isLent(back) && denials.some((word) => isWritten(before, word))) return true;
  }
  return false;
}
