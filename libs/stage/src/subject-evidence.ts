import {
  capabilitiesFrom,
  episodeFrom,
  EvidenceReader,
  type GraphClient,
  type SharedView,
  systemRuntime,
  type Trace,
  withHistory,
} from '@sallyport/entra';
import type { Evidence, EvidencePart, Logs, Reading } from '@sallyport/evidence';
import { asksHistory, detectionReachDays, logReachDays } from '@sallyport/policy';
import type { Clock } from '@sallyport/service';
import { ownRights, type StandingConfig, standingLists } from './outside-env';

/** What the directory says about a subject: the evidence without the ticket. */
export type SubjectEvidence = { [P in Exclude<EvidencePart, 'ticket'>]: NonNullable<Evidence[P]> };

const dayMs = 24 * 60 * 60_000;
/** Sign-ins and changes. Policy believes the absence of an entry exactly as far back as this. */
const logWindowMs = logReachDays * dayMs;
/** Detections: medium and high ones do not age out, and an episode may have begun months ago. */
export const detectionWindowMs = detectionReachDays * dayMs;
/**
 * Rows reach the sign-in and audit logs late: 2 minutes for most, 5 for nearly all, by Microsoft's reference; three
 * times that before a missing row counts as absent.
 */
export const logLatencyMs = 15 * 60_000;

/**
 * Reads everything the directory knows about a subject, for the first decision and again before acting on it.
 *
 * @param shared lists that several cases read together. Left out by whoever is about to act: then every part is read
 * anew, about this subject alone.
 */
export async function readSubject(
  client: GraphClient,
  config: StandingConfig,
  subjectId: string,
  trace: Trace,
  clock: Clock,
  shared: SharedView | null = null,
): Promise<SubjectEvidence> {
  const reader = new EvidenceReader(client, trace, { ...systemRuntime, now: clock }, shared);
  const now = clock();
  const logsSince = new Date(now.getTime() - logWindowMs).toISOString();
  const detectionsSince = new Date(now.getTime() - detectionWindowMs).toISOString();
  const [user, standing, roles, found, signInRows, changes, devices, registration, manager] =
    await Promise.all([
      reader.user(subjectId, config.FEDERATED_DOMAINS ?? null),
      reader.standing(subjectId, standingLists(config)),
      reader.roles(subjectId),
      readRisk(reader, subjectId, detectionsSince),
      reader.signIns(subjectId, logsSince),
      reader.changes(subjectId, logsSince, config.OWN_APP_IDS),
      reader.devices(subjectId),
      reader.registration(subjectId),
      reader.manager(subjectId),
    ]);
  const { risk, detections, episode, campaign, history } = found;
  const openedAt = known(episode)?.openedAt ?? null;
  const signIns = derived(signInRows, (rows) => withHistory(rows, known(devices), openedAt));
  const capabilities = derived(user, (value) =>
    capabilitiesFrom(
      { user: value, roles: known(roles), registration: known(registration), risk: known(risk) },
      ownRights(config),
    ),
  );
  const logs = logHorizon(signInRows, changes);
  return {
    ...{ user, standing, roles, risk, detections, episode, campaign, history },
    ...{ signIns, changes, logs, devices, registration, manager, capabilities },
  };
}

type RiskEvidence = Pick<SubjectEvidence, 'risk' | 'detections' | 'episode' | 'campaign' | 'history'>;

async function readRisk(reader: EvidenceReader, subjectId: string, since: string): Promise<RiskEvidence> {
  const { risk, detections } = await reader.riskWithDetections(subjectId, since);
  const episode = derived(detections, (rows) => episodeFrom(subjectId, rows));
  const campaign =
    detections.state === 'known' && episode.state === 'known'
      ? await reader.campaign(detections.value, episode.value)
      : derived(detections, () => ({ kinds: [] }));
  const history: RiskEvidence['history'] = asksHistory({ risk, campaign })
    ? await reader.history(subjectId)
    : { state: 'known', value: null, source: risk.source };
  return { risk, detections, episode, campaign, history };
}

/** Both logs count from the earlier of the two readings. */
function logHorizon(signIns: SubjectEvidence['signIns'], changes: SubjectEvidence['changes']): Reading<Logs> {
  if (signIns.state === 'unknown') return signIns;
  if (changes.state === 'unknown') return changes;
  const { source } = signIns.source.readAt <= changes.source.readAt ? signIns : changes;
  const completeUntil = new Date(Date.parse(source.readAt) - logLatencyMs).toISOString();
  return { state: 'known', value: { completeUntil }, source };
}

/** A reading made from another: as known, and from the same source. */
function derived<T, U>(reading: Reading<T>, make: (value: T) => U): Reading<U> {
  return reading.state === 'known' ? { ...reading, value: make(reading.value) } : reading;
}

const known = <T>(reading: Reading<T>): T | null => (reading.state === 'known' ? reading.value : null);
