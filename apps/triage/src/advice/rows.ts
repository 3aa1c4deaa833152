import type { Ground } from './ground';
import { isPartOf, type Numbers } from './numbers';
import { type Chunk, phraseAt } from './sentence';

/** Where a sentence says something that evidence lends. */
export interface Said {
  at: number;
  /** In chunks. */
  length: number;
}

/** Plain names of events, and the rows that are such an event. */
const events: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    'sign-in': ['signIn'],
    'sign-ins': ['signIn'],
    signed: ['signIn'],
    signing: ['signIn'],
    session: ['signIn', 'sessions'],
    sessions: ['signIn', 'sessions'],
    detection: ['detection'],
    detections: ['detection'],
    alert: ['detection'],
    anomaly: ['detection'],
    anomalies: ['detection'],
    reset: ['change'],
    change: ['change', 'password'],
    changes: ['change'],
    changed: ['change', 'password'],
    registered: ['change', 'device'],
    registration: ['change', 'device'],
    deleted: ['change'],
    deletion: ['change'],
  }),
);

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
    const rows = events.get(written.toLowerCase());
    return rows ? [{ at, rows }] : [];
  });
  return (named.findLast(({ at }) => at < time) ?? named[0])?.rows;
}
