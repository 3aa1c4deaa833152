import { type ActionRecord, type Case, type Execution, unseenDetections } from '@sallyport/case';
import { EvidenceReader, type GraphClient, proves, systemRuntime } from '@sallyport/entra';
import type { Evidence, RiskState } from '@sallyport/evidence';
import { FatalError, RetryableError } from '@sallyport/queue';
import { detectionWindowMs } from '@sallyport/stage';

/** What another look at the risk of an account found. */
export interface RiskLook {
  /** What speaks against the next step, or null. */
  difference: string | null;
  /** null where it could not be read. */
  riskState: RiskState | null;
  /** When the first request left, by a monotonic clock: what was read is no older, however late its answer was handled. */
  asOfMs: number;
}

/**
 * Directly before a step of a release: is the account as it was approved, or as our own dismissal left it? Only risk and
 * detections are read: the rest was judged before the first step, and each reading costs the tenant's budget.
 *
 * @throws RetryableError where the directory cannot say now
 */
export async function lookAtRisk(
  graph: GraphClient,
  c: Case,
  { actions }: Execution,
  clock: () => Date,
): Promise<RiskLook> {
  const { evidence, subjectId } = c;
  if (!evidence || !subjectId) throw new FatalError('noSubject', 'there is no evidence to compare with');
  let leftMs: number | null = null;
  // Not when it was asked for: the wait for the budget makes nothing older.
  const leaving = () => void (leftMs ??= performance.now());
  const trace = [c.id, 'before-step', c.seq];
  const reader = new EvidenceReader({ ...graph, leaving }, trace, { ...systemRuntime, now: clock });
  const since = new Date(Date.parse(evidence.collectedAt) - detectionWindowMs).toISOString();
  const [risk, detections] = await Promise.all([reader.risk(subjectId), reader.detections(subjectId, since)]);
  const asOfMs = leftMs ?? Number.NEGATIVE_INFINITY;
  if ([risk, detections].some((reading) => reading.state === 'unknown' && reading.reason === 'unavailable'))
    throw new RetryableError('evidenceUnavailable', 'could not read the risk before a step');
  const dismissal = actions.find(({ step, outcome }) => step === 'dismissRisk' && outcome !== 'throttled');
  const difference = dismissal
    ? changedSince(dismissal, evidence, { risk, detections })
    : changedRisk(evidence, { risk, detections });
  return { difference, riskState: risk.state === 'known' ? risk.value.state : null, asOfMs };
}

type RiskParts = Pick<Evidence, 'risk' | 'detections'>;

/** New detections or a moved risk void a release. */
export function changedRisk(before: RiskParts, after: RiskParts): string | null {
  const added = unreadable(after) ?? newDetections(before, after);
  if (added) return added;
  if (before.risk.state !== 'known' || after.risk.state !== 'known') return 'The risk can no longer be read.';
  const { level, state, lastUpdatedAt } = before.risk.value;
  const now = after.risk.value;
  if (now.processing) return computing;
  if (now.level !== level || now.state !== state || now.lastUpdatedAt !== lastUpdatedAt) {
    return `The risk has moved from ${level}/${state} to ${now.level}/${now.state}.`;
  }
  return null;
}

/** The same once our own dismissal has moved the risk. */
function changedSince(dismissal: ActionRecord, before: RiskParts, after: RiskParts): string | null {
  const added = unreadable(after) ?? newDetections(before, after);
  if (added) return added;
  if (after.risk.state !== 'known') return 'The risk can no longer be read.';
  const risk = after.risk.value;
  if (risk.processing) return computing;
  const account = { accountEnabled: null, sessionsValidFrom: null, lastPasswordChangeAt: null };
  return proves('dismissRisk', { risk, ...account }, dismissal) === 'notYet'
    ? `The risk was dismissed and is ${risk.level}/${risk.state} now.`
    : null;
}

const computing = 'Identity Protection is computing the risk anew.';

function unreadable({ risk, detections }: RiskParts): string | null {
  const lost = [risk, detections].find((reading) => reading.state === 'unknown');
  return lost?.state === 'unknown' ? `Risk and detections can no longer be read: ${lost.reason}.` : null;
}

/** Detections that the evidence did not have, in words, or null. */
export function newDetections(
  before: Pick<Evidence, 'detections'>,
  after: Pick<Evidence, 'detections'>,
): string | null {
  const added = unseenDetections(before.detections, after.detections);
  if (added.length === 0) return null;
  const kinds = [...new Set(added.map((detection) => detection.kind))];
  return `${added.length} new risk detection(s) since the approval: ${kinds.join(', ')}.`;
}
