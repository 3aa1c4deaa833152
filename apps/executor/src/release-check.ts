import { type Case, type Execution, unseenDetections } from '@sallyport/case';
import { EvidenceReader, type GraphClient, proves, systemRuntime } from '@sallyport/entra';
import type { Evidence } from '@sallyport/evidence';
import { RetryableError } from '@sallyport/queue';
import { detectionWindowMs } from '@sallyport/stage';

/**
 * Between two steps of a release: is the account still as our own dismissal left it? Only risk and detections are read:
 * the rest was judged before the first step, and each reading costs the tenant's budget.
 *
 * @returns what speaks against the next step, or null
 * @throws RetryableError where the directory cannot say now
 */
export async function changedMidway(
  graph: GraphClient,
  c: Case,
  { actions }: Execution,
  clock: () => Date,
): Promise<string | null> {
  const { evidence, subjectId } = c;
  if (!evidence || !subjectId) return 'There is no evidence to compare with.';
  const reader = new EvidenceReader(graph, [c.id, 'between-steps', c.seq], { ...systemRuntime, now: clock });
  const since = new Date(Date.parse(evidence.collectedAt) - detectionWindowMs).toISOString();
  const [risk, detections] = await Promise.all([reader.risk(subjectId), reader.detections(subjectId, since)]);
  for (const reading of [risk, detections]) {
    if (reading.state === 'known') continue;
    if (reading.reason === 'unavailable')
      throw new RetryableError('evidenceUnavailable', 'could not read the risk between two steps');
    return `Risk and detections can no longer be read: ${reading.reason}.`;
  }
  const added = newDetections(evidence, { detections });
  if (added) return added;
  if (risk.state !== 'known') return 'The risk can no longer be read.';
  if (risk.value.processing) return 'Identity Protection is computing the risk anew.';
  const dismissal = actions.find(({ step }) => step === 'dismissRisk');
  const state = {
    ...{ risk: risk.value, accountEnabled: null },
    ...{ sessionsValidFrom: null, lastPasswordChangeAt: null },
  };
  return dismissal && proves('dismissRisk', state, dismissal) === 'notYet'
    ? `The risk was dismissed and is ${risk.value.level}/${risk.value.state} now.`
    : null;
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
