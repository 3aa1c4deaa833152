import { EvidenceReader, type GraphClient, systemRuntime, type Trace } from '@sallyport/entra';
import type { Evidence } from '@sallyport/evidence';
import { logReachDays } from '@sallyport/policy';
import type { Clock } from '@sallyport/service';
import { type StandingConfig, standingGroups } from './outside-env';

/** What the directory says about a subject: the evidence without the ticket. */
export type SubjectEvidence = Omit<Evidence, 'v' | 'collectedAt' | 'ticket'>;

const dayMs = 24 * 60 * 60_000;
/** Sign-ins and changes. Policy believes the absence of an entry exactly as far back as this. */
const logWindowMs = logReachDays * dayMs;
/** Detections: medium and high ones do not age out, and an episode may have begun weeks ago. */
const detectionWindowMs = 30 * dayMs;

/** Reads everything the directory knows about a subject, for the first decision and again before acting on it. */
export async function readSubject(
  client: GraphClient,
  config: StandingConfig,
  subjectId: string,
  trace: Trace,
  clock: Clock,
): Promise<SubjectEvidence> {
  const reader = new EvidenceReader(client, trace, { ...systemRuntime, now: clock });
  const now = clock();
  const logsSince = new Date(now.getTime() - logWindowMs).toISOString();
  const detectionsSince = new Date(now.getTime() - detectionWindowMs).toISOString();
  const [user, standing, roles, risk, detections, signIns, changes, devices, registration, manager] =
    await Promise.all([
      reader.user(subjectId),
      reader.standing(subjectId, standingGroups(config)),
      reader.roles(subjectId),
      reader.risk(subjectId),
      reader.detections(subjectId, detectionsSince),
      reader.signIns(subjectId, logsSince),
      reader.changes(subjectId, logsSince, config.OWN_APP_IDS),
      reader.devices(subjectId),
      reader.registration(subjectId),
      reader.manager(subjectId),
    ]);
  return { user, standing, roles, risk, detections, signIns, changes, devices, registration, manager };
}
