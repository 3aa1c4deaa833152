import type { Detection, EventOf, Evidence, Instant, Reading, Risk, RiskState } from '@sallyport/evidence';
import type { Execution, Watch } from './case';

/** How long a watch goes on after its end where the account could not be looked at, before a person must look. */
export const watchGraceMs = 30 * 60_000;

/** Looks that a watch may take, however short the pace and long the watch: each is a delivery of the queue. */
const looksMax = 500;

/**
 * Whether a plan leaves an account behind that is to be watched: one whose risk a release has dismissed, whatever else is
 * left. Not where a person is to dismiss it: the risk that stands would be taken for a new one. Nor where a write is in
 * doubt: a person must look at that at once, and it must not be forgotten by an alarm.
 */
export function leavesToWatch(
  { slot, plan, actions }: Execution,
  result: EventOf<'execution.completed'>['result'],
): boolean {
  if (slot !== 'proposed' || plan.action !== 'release') return false;
  if (result !== 'done' && result !== 'incomplete') return false;
  const doubtful = actions.some(({ outcome }) => outcome === null || outcome === 'unknown');
  return !doubtful && actions.some(({ step, outcome }) => step === 'dismissRisk' && outcome === 'applied');
}

export type WatchMove =
  | { kind: 'wait'; untilMs: number }
  /** @property asOf what is looked at must not be read before this */
  | { kind: 'look'; asOf: Instant; last: boolean };

/**
 * What a watch asks for now. The moments of looking are the same for every case, so that one reading of the tenant
 * serves them all.
 *
 * @param since when the case last moved: what was read before says nothing about the release
 */
export function watchMove(watch: Watch, since: Instant, now: Date, paceMs: number): WatchMove {
  const stepMs = Math.max(paceMs, (Date.parse(watch.until) - Date.parse(watch.begunAt)) / looksMax);
  const lookMs = Math.floor(now.getTime() / stepMs) * stepMs;
  if (lookMs <= Date.parse(since)) return { kind: 'wait', untilMs: lookMs + stepMs };
  const asOf = new Date(lookMs).toISOString();
  return { kind: 'look', asOf, last: asOf >= watch.until };
}

/** When the next look is due, in milliseconds since the epoch. */
export function nextLookMs(watch: Watch, now: Date, paceMs: number): number {
  const stepMs = Math.max(paceMs, (Date.parse(watch.until) - Date.parse(watch.begunAt)) / looksMax);
  return (Math.floor(now.getTime() / stepMs) + 1) * stepMs;
}

/** Whether an account that could not be looked at has been waited for long enough. */
export function isBlindTooLong(watch: Watch, now: Date): boolean {
  return now.getTime() >= Date.parse(watch.until) + watchGraceMs;
}

/** What a look at a released account found. `blind`: it says nothing, and never that nothing happened. */
export type Finding =
  | { kind: 'quiet' }
  | { kind: 'alarm'; cause: 'detection' | 'risk'; detail: string }
  | { kind: 'blind'; detail: string };

/** States in which Identity Protection no longer counts the user as risky. */
const settledRisk: ReadonlySet<RiskState> = new Set(['none', 'confirmedSafe', 'remediated', 'dismissed']);

/** Whether a released account is at risk again, compared with the evidence on which it was released. */
export function watchFinding(
  before: Pick<Evidence, 'detections'>,
  now: { risk: Reading<Risk>; detections: Reading<Detection[]> },
): Finding {
  const added = unseenDetections(before.detections, now.detections);
  if (added.length > 0) {
    const kinds = [...new Set(added.map(({ kind }) => kind))].join(', ').slice(0, 300);
    const detail = `${added.length} new risk detection(s) since the release: ${kinds}.`;
    return { kind: 'alarm', cause: 'detection', detail };
  }
  const { risk } = now;
  if (risk.state === 'known' && risk.value.state !== 'unknown' && !settledRisk.has(risk.value.state)) {
    const detail = `The risk was dismissed and is ${risk.value.level}/${risk.value.state} now.`;
    return { kind: 'alarm', cause: 'risk', detail };
  }
  if (now.detections.state === 'unknown')
    return { kind: 'blind', detail: `The detections could not be read: ${now.detections.reason}.` };
  if (risk.state === 'unknown')
    return { kind: 'blind', detail: `The risk could not be read: ${risk.reason}.` };
  if (risk.value.processing)
    return { kind: 'blind', detail: 'Identity Protection was still computing the risk.' };
  return risk.value.state === 'unknown'
    ? { kind: 'blind', detail: 'Identity Protection gave the risk a state that is not known.' }
    : { kind: 'quiet' };
}

/** Whether a detection is open although the account counts as settled: Identity Protection has not added it up yet. */
export function riskLagsBehind({ risk, detections }: Pick<Evidence, 'risk' | 'detections'>): boolean {
  return (
    risk.state === 'known' &&
    settledRisk.has(risk.value.state) &&
    rows(detections).some(({ state }) => state === 'atRisk')
  );
}

/** Detections that nobody has judged: those that are not among the earlier ones. */
export function unseenDetections(
  before: Reading<Detection[]>,
  after: Reading<Detection[]>,
): readonly Detection[] {
  const known = new Set(rows(before).map(({ id }) => id));
  return rows(after).filter(({ id }) => !known.has(id));
}

const rows = (reading: Reading<Detection[]>): Detection[] => (reading.state === 'known' ? reading.value : []);
