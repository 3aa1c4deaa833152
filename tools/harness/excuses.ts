/**
 * Which troubles may send a case to a person. Every other one must be ridden out: a line that hands over whatever it
 * meets keeps every other promise too, and is of no use.
 */
import type { Fate, Trouble } from './life';
import { outage, refusals } from './outside';

/** Whether something that happened in this play excuses a manual review. */
export function needsAPerson({ met, seen }: Fate): boolean {
  const pointOf = ({ kind, at }: Trouble) => (kind === 'delivery' ? '' : (seen[kind][at - 1] ?? ''));
  if (met.some((trouble) => excused(trouble, pointOf(trouble)))) return true;
  if (met.some((trouble) => diedBesideAnIntent(trouble, seen.commit))) return true;
  // A write was turned away, and who heard it died before it was written down: nobody knows whether it came through.
  const isTurnedAway = met.some((it) => it.what === '429' && pointOf(it).startsWith('write'));
  const diedWithIt = met.some((it) => it.what === 'crash before' && pointOf(it).startsWith('action.'));
  return isTurnedAway && diedWithIt;
}

/** Of two who go into one call, one intent stood when the process died: whether it was called nobody else knows. */
function diedBesideAnIntent({ kind, what, at }: Trouble, commits: readonly string[]): boolean {
  const isIntent = (index: number) => commits[index]?.includes('action.started') ?? false;
  return kind === 'commit' && what === 'crash before' && isIntent(at - 1) && isIntent(at - 2);
}

const unprovable = ['crash before', '504 before', 'reset before', 'html before', 'silent'];

function excused({ kind, what }: Trouble, point: string): boolean {
  // A job may come twice, or never: the log knows what is next.
  if (kind === 'delivery') return false;
  // Between the intent and the call nobody else knows whether the call was made, or will be.
  if (kind === 'commit')
    return ['crash after', 'paused after'].includes(what) && point.includes('action.started');
  if (what.endsWith(outage)) return true;
  // A definite no is not asked again.
  if (refusals.includes(what)) return true;
  // What a write did is read back; where it did nothing, nothing proves that it will not yet.
  return point.startsWith('write') && unprovable.includes(what);
}
