import { randomBytes } from 'node:crypto';
import type { Digest, StepKind } from '@sallyport/evidence';
import { clientRequestId } from '@sallyport/idempotency';
import type { Priority } from './budget/budgets';
import { EntraError } from './entra-error';
import { graphCall, type GraphCall, takeBudget } from './graph-call';
import type { GraphClient } from './graph-client';
import { objectIdOf } from './graph-query';

/**
 * What one write was answered with. `accepted` is Graph's word, not yet a proof: read back. `refused`: a definite no.
 * `throttled`: a definite "not now", nothing happened. `ambiguous`: it may or may not have happened; the same write
 * must never be sent again, only read back.
 */
export type Answer =
  | { kind: 'accepted'; status: number; requestId: string | null }
  | { kind: 'refused'; status: number; code: string; requestId: string | null }
  | { kind: 'throttled'; retryAfterMs: number | null; requestId: string | null }
  | { kind: 'ambiguous'; detail: string; requestId: string | null };

/** One request per step; accountEnabled and passwordProfile apart, as one missing right would fail both. */
const requests: Record<StepKind, (subjectId: string) => Omit<GraphCall, 'clientRequestId'>> = {
  revokeSessions: (id) => ({ method: 'POST', path: `/users/${id}/revokeSignInSessions` }),
  forcePasswordChange: (id) => ({
    method: 'PATCH',
    path: `/users/${id}`,
    body: {
      passwordProfile: {
        password: forgottenPassword(),
        forceChangePasswordNextSignIn: true,
        forceChangePasswordNextSignInWithMfa: true,
      },
    },
  }),
  // One id per call: the answer has no per-user result, and the page that states a maximum is beta.
  dismissRisk: (id) => ({
    method: 'POST',
    path: '/identityProtection/riskyUsers/dismiss',
    body: { userIds: [id] },
    allEnumMembers: true,
  }),
  enableAccount: (id) => ({ method: 'PATCH', path: `/users/${id}`, body: { accountEnabled: true } }),
};

/** How long a write waits for the budget; then the queue tries again, and other cases get their turn. */
const writeWaitMs = 30_000;
const urgency: Record<StepKind, Priority> = {
  revokeSessions: 'containment',
  forcePasswordChange: 'containment',
  dismissRisk: 'release',
  enableAccount: 'release',
};

/** The only place that changes an account. */
export class AccountWriter {
  constructor(private readonly client: GraphClient) {}

  /**
   * Waits until {@link perform} may be sent at once. To be called before the intent is written, so that nothing stands
   * between the intent and the call but the call.
   *
   * @throws EntraError with nothing sent
   */
  async prepare(step: StepKind, subjectId: string): Promise<void> {
    const { path } = requests[step](objectIdOf(subjectId));
    await takeBudget(this.client, { path, priority: urgency[step], budgetWaitMs: writeWaitMs });
  }

  /**
   * Sends exactly one request, never a second one, whatever the answer.
   *
   * @param key idempotency key of the action; `client-request-id` is derived from it, so that the audit log of the
   * directory leads back to the action.
   * @throws TypeError for an id that is not a GUID; nothing was sent then. Nothing else is thrown.
   */
  async perform(step: StepKind, subjectId: string, key: Digest): Promise<Answer> {
    const request = requests[step](objectIdOf(subjectId));
    try {
      const { status, requestId } = await graphCall(this.client, {
        ...request,
        budgetTaken: true,
        clientRequestId: clientRequestId(key),
      });
      return { kind: 'accepted', status, requestId };
    } catch (error) {
      if (!(error instanceof EntraError)) throw error;
      return answerFrom(error);
    }
  }
}

/**
 * The table of failures, first match wins.
 *
 * | what came back                                  | answer    | because
 * |-------------------------------------------------|-----------|--------------------------------------------------
 * | no token, login service refused us              | refused   | nothing was sent, waiting cures nothing
 * | no token, login service not reached             | throttled | nothing was sent, later it may work
 * | 429                                             | throttled | the gate turns requests away before the work
 * | 409 Directory_ConcurrencyViolation              | throttled | the directory rolled back and asks for a retry
 * | 4xx with a Graph error, but not 408             | refused   | Graph looked at it and said no
 * | 408, 5xx, 3xx, a body that is not Graph's, none | ambiguous | the work may have been done before the answer broke
 */
export function answerFrom(error: EntraError): Answer {
  const { requestId, status, code } = error;
  if (!error.sent) {
    return error.kind === 'forbidden'
      ? { kind: 'refused', status: status ?? 401, code, requestId }
      : { kind: 'throttled', retryAfterMs: error.retryAfterMs, requestId };
  }
  if (status === 429 || (status === 409 && code === 'Directory_ConcurrencyViolation')) {
    return { kind: 'throttled', retryAfterMs: error.retryAfterMs, requestId };
  }
  const saidNo = error.kind === 'forbidden' || error.kind === 'notFound' || error.kind === 'rejected';
  if (saidNo && status !== null && status >= 400 && status < 500) {
    return { kind: 'refused', status, code, requestId };
  }
  return { kind: 'ambiguous', detail: `${code} (HTTP ${status ?? 'none'})`, requestId };
}

/**
 * 384 random bits that nobody keeps: the user goes to self-service reset. The prefix meets Entra's rule of three
 * character classes whatever the bits are; the maximum length is 256.
 */
function forgottenPassword(): string {
  return `Aa1-${randomBytes(48).toString('base64url')}`;
}
