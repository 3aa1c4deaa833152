import { rowsNamed } from './event-names';
import type { Ground } from './ground';
import { isPartOf, type Numbers } from './numbers';
import { type Chunk, phraseAt } from './sentence';

/** Where a sentence says something that evidence lends. */
export interface Said {
  at: number;
  /** In chunks. */
  length: number;
}

/**
 * Whether a sentence with a time joins what is not of one row. One of the cited rows must have all of its times and lend
 * all else that the evidence says in it; and what happened at a time, which is the event named last before it or, where none is,
 * first after it, must be such a row.
 */
export function mixesRows(
  chunks: readonly Chunk[],
  { times, named }: Numbers,
  said: readonly Said[],
  cited: readonly Ground[],
): boolean {
  if (times.length === 0) return false;
  return !cited.some((row) => {
    const lends = ({ at, length }: Said) =>
      phraseAt(chunks, at, [...row.phrases, ...row.countries]) === length;
    return (
      times.every(({ written }) => row.instants.some((it) => isPartOf(written, it))) &&
      named.every((it) => row.addresses.includes(it) || row.errorCodes.includes(it)) &&
      said.every(lends) &&
      times.every(({ at }) => eventAt(chunks, at)?.includes(row.kind) ?? true)
    );
  });
}

function eventAt(chunks: readonly Chunk[], time: number): readonly string[] | undefined {
  const named = chunks.flatMap(({ written }, at) => {
    const rows = rowsNamed(written);
    return rows ? [{ at, rows }] : [];
  });
  return (named.findLast(({ at }) => at < time) ?? named[0])?.rows;
}
