import {
  type Change,
  type ChangeKind,
  evidenceMaxRows,
  type Instant,
  type Logs,
  type Reading,
} from '@sallyport/evidence';
import { type Answer } from './fact-docs';
import { dayMs, logReachDays } from './windows';

/** The value of a known reading; undefined where it is unknown or was not made (null can be a value). */
export function knownValue<T>(reading: Reading<T> | undefined): T | undefined {
  return reading?.state === 'known' ? reading.value : undefined;
}

export function answerOf(value: boolean | null | undefined): Answer {
  if (value === null || value === undefined) return 'unknown';
  return value ? 'yes' : 'no';
}

/**
 * @returns the instant in milliseconds since the epoch.
 * @throws RangeError for text that is no instant: a caller's mistake, since evidence is parsed before it comes here.
 */
export function msOf(instant: Instant): number {
  const ms = Date.parse(instant);
  if (Number.isNaN(ms)) throw new RangeError('not an instant');
  return ms;
}

/** A reader keeps the newest rows up to a bound; a list at the bound may lack older ones. */
export const isCut = (rows: readonly unknown[]): boolean => rows.length >= evidenceMaxRows;

/**
 * Whether a log reading would show what happened since `sinceMs`: not older than the log reaches, and not cut after it.
 * Absence in a log proves something only where this is true. `readAt` is when the answer came, a little after the
 * moment from which the reader counted back; where `nowMs` is that moment, it is the earlier of the two.
 */
export function reachesBack(
  reading: Reading<readonly { at: Instant }[]>,
  sinceMs: number,
  nowMs: number,
): boolean {
  if (reading.state === 'unknown') return false;
  if (sinceMs < Math.min(msOf(reading.source.readAt), nowMs) - logReachDays * dayMs) return false;
  return !isCut(reading.value) || reading.value.some((row) => msOf(row.at) <= sinceMs);
}

/**
 * Whether the logs were read late enough to hold what belongs to a detection of `newestMs`: rows arrive minutes late, so
 * that "no event yet" is unknown at first and absence only after that.
 */
export function isSettled(logs: Reading<Logs>, newestMs: number): boolean {
  return logs.state === 'known' && msOf(logs.value.completeUntil) >= newestMs;
}

/**
 * Whether a row of the audit log may stand for one of these without our knowing: its activity has a name that is new to
 * us, or Graph does not say whether it succeeded. Where such rows are, the log shows no absence.
 */
export function mayBe(change: Change, kinds: readonly ChangeKind[]): boolean {
  if (change.mayBe === undefined) return change.kind === 'other';
  return change.mayBe.some((kind) => kinds.includes(kind));
}

/** "yes" needs one witness, "no" needs a list that would show it. */
export function existence(found: boolean, absenceProven: boolean): Answer {
  if (found) return 'yes';
  return absenceProven ? 'no' : 'unknown';
}
