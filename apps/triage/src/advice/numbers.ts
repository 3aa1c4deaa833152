import { rowsNamed } from './event-names';
import { countedNames, type Ground } from './ground';
import { clauseWords } from './person-tells';
import { type Chunk, denials, isWritten, phraseAt } from './sentence';

/** Chunks with a digit that stand side by side are one number: of `2 2`, `2k` and `2026-11-20 09:12` no part counts alone. */
interface NumberToken {
  written: string;
  at: number;
  /** Index of the chunk after it. */
  end: number;
}

/** What a sentence says in digits. */
export interface Numbers {
  flaw: 'number' | 'time' | null;
  /** Dates, times, and dates with their time, as written. */
  times: readonly { written: string; at: number }[];
  /** Addresses and error codes. */
  named: readonly string[];
  /** Chunks that are numbers, or belong to one, as what is counted does. */
  used: ReadonlySet<number>;
  /** Chunks of clauses with a count, but for what is counted: nothing there may be of the evidence, see {@link countClause}. */
  counting: ReadonlySet<number>;
}

const date = /^\d{4}-\d{2}-\d{2}$/;
const time = /^\d{2}:\d{2}$/;
const instant = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}$/;

/**
 * Dates and times must be those of one cited row: a date and its time side by side, `UTC` after every time, and no time
 * alone where a date is named. A count stands directly before what is counted, and an error code after "code".
 */
export function numbersOf(chunks: readonly Chunk[], cited: readonly Ground[]): Numbers {
  const used = new Set<number>();
  const counting = new Set<number>();
  const times: { written: string; at: number }[] = [];
  const named: string[] = [];
  const tokens = tokensOf(chunks);
  const result = (flaw: Numbers['flaw']): Numbers => ({ flaw, times, named, used, counting });
  for (const token of tokens) {
    const { written, at, end } = token;
    for (let n = at; n < end; n += 1) used.add(n);
    if (date.test(written) || time.test(written) || instant.test(written)) {
      if (!cited.some((ground) => ground.instants.some((it) => isPartOf(written, it)))) return result('time');
      times.push({ written, at });
      if (date.test(written)) continue;
      if (chunks[end]?.written !== 'UTC' || chunks[end - 1]?.ends) return result('time');
      used.add(end);
      continue;
    }
    if (cited.some(({ addresses }) => addresses.includes(written)) || isErrorCode(token, chunks, cited)) {
      named.push(written);
      continue;
    }
    const counted = countedAfter(token, chunks, cited);
    if (counted === 0) return result('number');
    for (let n = end; n < end + counted; n += 1) used.add(n);
    // Of nothing there is none of any kind either.
    if (written === '0') continue;
    const clause = countClause(chunks, at, end + counted);
    if (!clause) return result('number');
    for (const part of clause) counting.add(part);
  }
  if (times.some(({ at }) => counting.has(at))) return result('number');
  const dated = times.some(({ written }) => !time.test(written));
  return result(dated && times.some(({ written }) => time.test(written)) ? 'time' : null);
}

export const isPartOf = (written: string, of: string): boolean =>
  written === of || written === of.slice(0, 10) || written === of.slice(11);

function tokensOf(chunks: readonly Chunk[]): NumberToken[] {
  const tokens: NumberToken[] = [];
  for (let at = 0; at < chunks.length; at += 1) {
    let end = at;
    while (/\d/.test(chunks[end]?.written ?? '')) end += 1;
    if (end === at) continue;
    const written = chunks.slice(at, end).map((chunk) => chunk.written);
    tokens.push({ written: written.join(' '), at, end });
    at = end;
  }
  return tokens;
}

function isErrorCode(
  { written, at }: NumberToken,
  chunks: readonly Chunk[],
  cited: readonly Ground[],
): boolean {
  const before = chunks[at - 1];
  return (
    before !== undefined &&
    !before.ends &&
    before.written === 'code' &&
    cited.some(({ errorCodes }) => errorCodes.includes(written))
  );
}

/** What may stand around a count, so that it is neither a bound ("over 2") nor the count of something else ("2 sign-in failures"). */
const beforeCounts: readonly string[] =
  'after and are had has have in is lists of shows the was were with'.split(' ');

/** @returns how many chunks name what is counted: 0 where it is no count of the cited evidence */
function countedAfter({ written, at, end }: NumberToken, chunks: readonly Chunk[], cited: readonly Ground[]) {
  const before = chunks[at];
  const previous = chunks[at - 1];
  if (before?.ends || (previous && !previous.ends && !beforeCounts.includes(previous.written.toLowerCase())))
    return 0;
  const names = cited
    .flatMap(({ counts }) => counts)
    .filter(({ count }) => String(count) === written)
    .map(({ count, of }) => (count === 1 ? of.slice(0, -1) : of));
  return phraseAt(chunks, end, names);
}

/** What may come after what is counted within its clause; `from`, `with` and the like would make it the count of something else. */
const afterCounts: readonly string[] = 'are exist exists is was were'.split(' ');
/** With what another clause goes on after a comma, and begins. */
const joins: readonly string[] = ['and', 'but', 'so', 'while', 'although', 'though', 'because'];
const begins: readonly string[] = ['a', 'an', 'no', 'the', 'there', 'this'];
/** Would speak of what was counted in another clause. */
const pointers: readonly string[] = ['such', 'that', 'these', 'those', 'which'];

/**
 * "2 sign-ins" are of all, so a clause that counts says nothing else of the evidence: there are 2 sign-ins, but not "2 sign-ins
 * from Qatar" or "2 sign-ins, with MFA".
 * @param from where the number is
 * @param to the chunk after what is counted
 * @returns its other chunks, or null where the count is narrowed
 */
function countClause(chunks: readonly Chunk[], from: number, to: number): number[] | null {
  const isEnd = (at: number): boolean => {
    const [last, join, first] = [chunks[at], chunks[at + 1], chunks[at + 2]];
    if (!last?.ends || !join || join.begins) return last?.ends === true;
    return joins.includes(join.written) && first !== undefined && begins.includes(first.written);
  };
  const next = chunks[to];
  const goesOn = next?.written === 'and' && /^\d/.test(chunks[to + 1]?.written ?? '');
  if (next && !chunks[to - 1]?.ends && !goesOn && !afterCounts.includes(next.written)) return null;
  if (chunks.slice(to).some(({ written }) => pointers.includes(written.toLowerCase()))) return null;
  let first = from;
  while (first > 0 && !isEnd(first - 1)) first -= 1;
  let last = to - 1;
  while (last < chunks.length - 1 && !isEnd(last)) last += 1;
  return Array.from({ length: last - first + 1 }, (_, n) => first + n).filter((at) => at < from || at >= to);
}

/** What is counted of each kind of row. */
const countOf: Readonly<Record<string, string>> = {
  signIn: 'sign-ins',
  detection: 'detections',
  change: 'changes',
  device: 'devices',
};

/**
 * `no sign-ins`, `nothing was detected`: a count of 0 in words, wherever in the clause the denial is, for which none of the cited
 * evidence stands. What this evidence says with a denial of its own (`did not pass MFA`) is none.
 */
export function saysNone(chunks: readonly Chunk[], cited: readonly Ground[]): boolean {
  const isZero = (of: string) =>
    cited.some(({ counts }) => counts.some((it) => it.count === 0 && it.of === of));
  const lent = cited.flatMap(({ phrases }) => phrases);
  let clause: { denies: boolean; names: string[][] } = { denies: false, names: [] };
  for (let at = 0; at < chunks.length;) {
    const chunk = chunks[at];
    if (!chunk) break;
    if (clauseWords.includes(chunk.written)) clause = { denies: false, names: [] };
    const said = Math.max(1, phraseAt(chunks, at, lent));
    const ownWords = said > 1;
    if (!ownWords && denials.some((word) => isWritten(chunk, word))) clause.denies = true;
    for (let n = at; n < at + said; n += 1) {
      const counted = countedNames.filter((name) => phraseAt(chunks, n, [name, name.slice(0, -1)]) > 0);
      const rows = (rowsNamed(chunks[n]?.written ?? '') ?? []).flatMap((kind) => countOf[kind] ?? []);
      if (counted.length > 0) clause.names.push(counted);
      else if (rows.length > 0) clause.names.push(rows);
    }
    if (clause.denies && clause.names.some((of) => !of.some(isZero))) return true;
    at += said;
    if (chunks[at - 1]?.ends) clause = { denies: false, names: [] };
  }
  return false;
}
