import { countedNames, type Ground } from './ground';
import { type Chunk, phraseAt } from './sentence';

/** Chunks with a digit that stand side by side are one number: of `2 2`, `2k` and `2026-11-20 09:12` no part counts alone. */
interface NumberToken {
  written: string;
  at: number;
  /** Index of the chunk after it. */
  end: number;
}

/** What a sentence says of when and where: for {@link mixesRows}. */
export interface Numbers {
  flaw: 'number' | 'time' | null;
  /** Dates, times, and dates with their time, as written. */
  times: readonly string[];
  /** Chunks that are numbers, or belong to one. */
  used: ReadonlySet<number>;
}

const date = /^\d{4}-\d{2}-\d{2}$/;
const time = /^\d{2}:\d{2}$/;
const instant = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}$/;

/**
 * Dates and times must be those of one cited row: a date and its time side by side, `UTC` after every time, and no time
 * alone where a date is named. A count stands directly before what is counted, and an error code after "error" or "code".
 */
export function numbersOf(chunks: readonly Chunk[], cited: readonly Ground[]): Numbers {
  const used = new Set<number>();
  const times: string[] = [];
  const tokens = tokensOf(chunks);
  const result = (flaw: Numbers['flaw']): Numbers => ({ flaw, times, used });
  for (const token of tokens) {
    const { written, at, end } = token;
    for (let n = at; n < end; n += 1) used.add(n);
    if (date.test(written) || time.test(written) || instant.test(written)) {
      if (!cited.some((ground) => ground.instants.some((it) => isPartOf(written, it)))) return result('time');
      times.push(written);
      if (date.test(written)) continue;
      if (chunks[end]?.written !== 'UTC' || chunks[end - 1]?.ends) return result('time');
      used.add(end);
      continue;
    }
    if (cited.some(({ addresses }) => addresses.includes(written))) continue;
    if (isErrorCode(token, chunks, cited) || isCount(token, chunks, cited)) continue;
    return result('number');
  }
  if (chunks.some((_, at) => isNoneAt(chunks, at, cited))) return result('number');
  const dated = times.some((it) => !time.test(it));
  return result(dated && times.some((it) => time.test(it)) ? 'time' : null);
}

/** Whether a sentence takes a time from one row and the country of another. */
export function mixesRows(
  times: readonly string[],
  countries: readonly string[],
  cited: readonly Ground[],
): boolean {
  const timed = cited.filter(({ instants }) =>
    instants.some((it) => times.some((written) => isPartOf(written, it))),
  );
  // A row without a country, such as a change, can be told together with the country of another.
  if (timed.length === 0 || timed.some((row) => row.countries.length === 0)) return false;
  return countries.some((country) => !timed.some((row) => row.countries.includes(country)));
}

const isPartOf = (written: string, of: string): boolean =>
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
    ['error', 'code'].includes(before.written) &&
    cited.some(({ errorCodes }) => errorCodes.includes(written))
  );
}

/** What may stand around a count, so that it is neither a bound ("over 2") nor the count of something else ("2 sign-in failures"). */
const beforeCounts: readonly string[] =
  'after and are had has have in is lists of shows the was were with'.split(' ');
const afterCounts: readonly string[] = 'and are at exist exists for from in is of on was were with'.split(
  ' ',
);

function isCount(
  { written, at, end }: NumberToken,
  chunks: readonly Chunk[],
  cited: readonly Ground[],
): boolean {
  const before = chunks[at];
  const previous = chunks[at - 1];
  if (before?.ends || (previous && !previous.ends && !beforeCounts.includes(previous.written.toLowerCase())))
    return false;
  return cited.some(({ counts }) =>
    counts.some(({ count, of }) => {
      if (String(count) !== written) return false;
      const words = (count === 1 ? of.slice(0, -1) : of).split(' ');
      const named = chunks.slice(end, end + words.length);
      const last = named.at(-1);
      const next = chunks[end + words.length];
      return (
        named.map((chunk) => chunk.written).join(' ') === words.join(' ') &&
        (last?.ends === true || next === undefined || afterCounts.includes(next.written))
      );
    }),
  );
}

/** `no sign-ins`: a count of 0 in words, for which none of the cited evidence stands. */
function isNoneAt(chunks: readonly Chunk[], at: number, cited: readonly Ground[]): boolean {
  const denial = phraseAt(chunks, at, ['no', 'without', 'without any']);
  if (denial === 0) return false;
  const after = at + denial;
  return countedNames.some(
    (name) =>
      phraseAt(chunks, after, [name, name.slice(0, -1)]) > 0 &&
      !cited.some(({ counts }) => counts.some(({ count, of }) => count === 0 && of === name)),
  );
}
