import type { EvidenceItem } from '../input/evidence-items';
import type { CitingText } from './answer';
import { countriesIn } from './countries';
import { claimsHumanAct, presupposesHumanAct } from './human-acts';
import { placesIn, wellKnownNames } from './places';
import { deviceWords, fieldWords, monthAndDayWords, numberWords, openers } from './vocabulary';

/** Why a sentence of a model is not shown. */
export type Flaw =
  | 'notPlain'
  | 'citesNothing'
  | 'citesUnknown'
  | 'number'
  | 'date'
  | 'country'
  | 'device'
  | 'name'
  | 'act'
  | 'echo';

/** The longest sentence that is shown, in UTF-16 units. */
export const maxSentenceLength = 300;
const maxCitations = 6;
/** A run of this many words taken from text of outsiders is theirs and not advice. */
const echoWords = 5;

/**
 * Whether a sentence may be shown: plain text, resting on evidence that exists, and naming no number, date, country,
 * device or other name that is recognised as one and that the cited evidence does not name, nor an act of a person that it
 * does not carry. What a number counts, and names that look like everyday words, cannot be told. Text that outsiders wrote is evidence of nothing, so
 * nothing is grounded by it. This cannot tell whether a sentence is *right*; it keeps invented facts and links out.
 *
 * @returns null where it may be shown
 */
export function flawOf({ text, cites }: CitingText, items: readonly EvidenceItem[]): Flaw | null {
  if (cites.length === 0 || cites.length > maxCitations) return 'citesNothing';
  const cited = items.filter(({ id }) => cites.includes(id));
  if (new Set(cites).size !== cited.length) return 'citesUnknown';
  return flawWithin(text, cited, items, claimsHumanAct);
}

/** As {@link flawOf}, for a question to the approver, which may speak of anything in the evidence. */
export function flawOfQuestion(text: string, items: readonly EvidenceItem[]): Flaw | null {
  return text.trim().endsWith('?') ? flawWithin(text, items, items, presupposesHumanAct) : 'notPlain';
}

function flawWithin(
  text: string,
  cited: readonly EvidenceItem[],
  items: readonly EvidenceItem[],
  claimsAct: (text: string, cited: readonly EvidenceItem[]) => boolean,
): Flaw | null {
  if (!isPlain(text)) return 'notPlain';
  const ground = cited.map(groundOf).join(' \n ');
  const numbers = numbersIn(ground);
  if ([...numbersIn(text)].some((number) => !numbers.has(number))) return 'number';
  const words = wordsIn(text);
  if (hasCount(text, words)) return 'number';
  const groundWords = new Set(wordsIn(ground).map(({ lower }) => lower));
  const unsaid = ({ lower }: Pick<Word, 'lower'>) => !groundWords.has(lower);
  if (
    duration.test(text) ||
    words.some(
      (word) => monthAndDayWords.has(word.lower) || (word.lower === 'may' && word.capital === 'inside'),
    )
  )
    return 'date';
  const countries = countriesIn(ground);
  if ([...countriesIn(text)].some((country) => !countries.has(country))) return 'country';
  if (words.some((word) => deviceWords.has(word.lower) && unsaid(word))) return 'device';
  if (words.some((word) => isName(word) && unsaid(word))) return 'name';
  if (words.some((word) => wellKnownNames.has(word.lower) && unsaid(word))) return 'name';
  const isPlace = (word: string) =>
    !fieldWords.has(word.toLowerCase()) &&
    !deviceWords.has(word.toLowerCase()) &&
    unsaid({ lower: word.toLowerCase() }) &&
    countriesIn(word).size === 0;
  if (placesIn(text).some(isPlace)) return 'name';
  if (claimsAct(text, cited)) return 'act';
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

/** `an hour`, `the last week`: times without a number. */
const duration =
  /\b(?:an?|last|past|previous|next|few|several|many) (?:second|minute|hour|day|week|fortnight|month|year)s?\b/i;
/** "One" before a noun, and not "no one" or "the older one from there". */
const oneAsCount =
  /\b(?:least|most|only|exactly|just|than) one\b|(?<!\b(?:no|any|every|each|some|which|this|that) )\bone[ -](?!(?:and|are|at|but|by|can|from|had|has|in|is|may|of|on|or|that|to|was|were|which|who|with)\b)[a-z]/i;

/** Whether a text counts in words. */
function hasCount(text: string, words: readonly Word[]): boolean {
  return (
    oneAsCount.test(text) ||
    words.some(({ lower }) => lower !== 'once' && numberWords.has(lower)) ||
    /(?<!\bat )\bonce\b/i.test(text)
  );
}

/** Fields of ours: how much of a list is shown is no number of the case. */
const ownFields: readonly string[] = ['shown'];

/**
 * What an item says in our own words: without the texts of outsiders, and without the numbers that we give items and
 * networks, nor the 0 that Entra ID writes for "no error".
 */
function groundOf({ fields }: EvidenceItem): string {
  return Object.entries(fields)
    .flatMap(([name, value]) => {
      if (value === null || typeof value === 'object' || ownFields.includes(name)) return [];
      if (name === 'errorCode' && value === 0) return [];
      return [`${name} ${name === 'network' ? String(value).replace(/^network-\d+$/, '') : String(value)}`];
    })
    .join(' , ');
}

/** Dates, times and numbers, each whole: of `2026-11-20` no part is a number by itself. */
function numbersIn(text: string): Set<string> {
  return new Set(Array.from(text.matchAll(/\d+(?:[.:,/-]\d+)*/g), ([number]) => number));
}

interface Word {
  lower: string;
  /** Where it has a capital: as the first word of a sentence, or elsewhere, or within. */
  capital: 'none' | 'first' | 'inside';
}

function wordsIn(text: string): Word[] {
  return Array.from(text.matchAll(/[A-Za-z][A-Za-z0-9]*/g), (match) => {
    const [written] = match;
    const before = text.slice(0, match.index).trimEnd();
    const begins = before === '' || /[.!?:]$/.test(before);
    const capital = !/[A-Z]/.test(written)
      ? 'none'
      : begins && !/[A-Z0-9]/.test(written.slice(1))
        ? 'first'
        : 'inside';
    return { lower: written.toLowerCase(), capital };
  });
}

function isName({ lower, capital }: Word): boolean {
  if (capital === 'none') return false;
  if (fieldWords.has(lower)) return false;
  return capital === 'first' ? !openers.has(lower) : !['a', 'i'].includes(lower);
}

/** Whether a text repeats a run of words that an outsider wrote. */
function echoes(text: string, items: readonly EvidenceItem[]): boolean {
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
