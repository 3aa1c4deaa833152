import { type TenantDetection, type TenantRisk, type TenantUser } from '@sallyport/scenario';
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { type State } from '../state';
import { type Outcome } from '../surface';
import { type World } from '../world';
import { appAudit } from './app-audit';
import { refuse } from './errors';
import { type GraphCall, type GraphRoute } from './route';
import { bodyOf } from './users';

/** Most users of one call. Stated for dismiss; the simulator holds all three to it. */
const maxUserIds = 60;
const userIdsSchema = z.strictObject({ userIds: z.array(z.guid()).min(1) });

interface Feedback {
  path: string;
  operation: string;
  activity: string;
  becomes: Pick<TenantRisk, 'state' | 'level' | 'detail'>;
  /** Whether it does anything to a person who is not at risk. */
  needsRisk: boolean;
  /** The detection that comes of it. */
  detects?: string;
}

const feedbacks: readonly Feedback[] = [
  {
    path: 'dismiss',
    operation: 'dismissRisk',
    activity: 'DismissUser',
    becomes: { state: 'dismissed', level: 'none', detail: 'adminDismissedAllRiskForUser' },
    needsRisk: true,
  },
  {
    path: 'confirmCompromised',
    operation: 'confirmCompromised',
    activity: 'ConfirmAccountCompromised',
    becomes: { state: 'confirmedCompromised', level: 'high', detail: 'adminConfirmedUserCompromised' },
    needsRisk: false,
    // https://learn.microsoft.com/entra/id-protection/concept-identity-protection-risks
    detects: 'adminConfirmedUserCompromised',
  },
  {
    path: 'confirmSafe',
    operation: 'confirmSafe',
    activity: 'ConfirmAccountSafe',
    becomes: { state: 'confirmedSafe', level: 'none', detail: 'adminConfirmedAccountSafe' },
    needsRisk: true,
  },
];

/** Feedback is answered at once with 204 for all users together, and processed later, one by one. */
export const riskWriteRoutes = (world: World): readonly GraphRoute[] =>
  feedbacks.map((feedback) => ({
    method: 'POST',
    path: `/identityProtection/riskyUsers/${feedback.path}`,
    permissions: [['IdentityRiskyUser.ReadWrite.All']],
    throttle: 'identityProtection',
    handle: (call) => give(call, feedback, world.config.SIMULATOR_RISK_PROCESSING_MS),
  }));

function give(call: GraphCall, feedback: Feedback, processingMs: number): Outcome {
  const { userIds } = bodyOf(call, userIdsSchema);
  if (userIds.length > maxUserIds)
    refuse(call, 400, `The number of user ids exceeds the limit of ${maxUserIds}.`);
  return {
    answer: { status: 204 },
    writes: userIds.map((id) => ({ operation: feedback.operation, target: id, subjects: [id] })),
    effect: (state) => {
      for (const id of userIds) {
        const user = state.users.current.get(id.toLowerCase());
        if (user !== undefined) begin(state, call, feedback, user, processingMs);
      }
    },
  };
}

function begin(
  state: State,
  call: GraphCall,
  feedback: Feedback,
  user: TenantUser,
  processingMs: number,
): void {
  // Risk of a deleted person cannot be changed; on a person without risk the call does nothing.
  if (user.deleted || user.risk?.isDeleted) return;
  const open = user.risk?.state === 'atRisk' || user.risk?.state === 'confirmedCompromised';
  if (feedback.needsRisk && !open) return;
  const processing: TenantRisk = {
    ...(user.risk ?? { level: 'none', state: 'none', detail: 'none', isDeleted: false }),
    lastUpdatedDateTime: user.risk?.lastUpdatedDateTime ?? call.now.toISOString(),
    isProcessing: true,
  };
  state.users.set(user.id, { ...user, risk: processing }, call.now);
  const row = appAudit(call, user, feedback.activity, { category: 'Other', service: 'Identity Protection' });
  state.audits.set(row.id, row, call.now);
  const at = new Date(call.now.getTime() + processingMs);
  state.schedule(at, () => finish(state, call, feedback, user.id, at));
}

function finish(state: State, call: GraphCall, feedback: Feedback, userId: string, at: Date): void {
  const user = state.users.current.get(userId);
  if (user?.risk == null) return;
  const lastUpdatedDateTime = at.toISOString();
  const risk: TenantRisk = { ...user.risk, ...feedback.becomes, isProcessing: false, lastUpdatedDateTime };
  state.users.set(userId, { ...user, risk }, at);
  const riskEventTypes: string[] = [];
  for (const detection of state.detections.current.values()) {
    // What was detected after the call is not covered by it.
    if (detection.userId !== userId || detection.state !== 'atRisk') continue;
    if (new Date(detection.detectedDateTime) > call.now) continue;
    riskEventTypes.push(detection.riskEventType);
    const { state: becomes, detail } = feedback.becomes;
    state.detections.set(detection.id, { ...detection, state: becomes, detail, lastUpdatedDateTime }, at);
  }
  if (feedback.detects !== undefined) {
    riskEventTypes.push(feedback.detects);
    const row = detectionOf(feedback, feedback.detects, userId, call.now, at);
    state.detections.set(row.id, row, at);
  }
  const id = randomUUID();
  state.riskHistory.set(
    id,
    {
      id,
      userId,
      ...feedback.becomes,
      lastUpdatedDateTime,
      initiatedBy: call.caller.servicePrincipalId,
      riskEventTypes,
    },
    at,
  );
}

function detectionOf(
  { becomes }: Feedback,
  riskEventType: string,
  userId: string,
  saidAt: Date,
  at: Date,
): TenantDetection {
  return {
    ...{ id: randomUUID(), userId, riskEventType, ...becomes },
    ...{ timing: 'offline', activity: 'user', source: 'IdentityProtection' },
    activityDateTime: saidAt.toISOString(),
    detectedDateTime: at.toISOString(),
    lastUpdatedDateTime: at.toISOString(),
    ...{ ipAddress: '', location: {}, requestId: null, correlationId: null, additionalInfo: [] },
  };
}
