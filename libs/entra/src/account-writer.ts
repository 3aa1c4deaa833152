import type { Digest, StepKind } from '@sallyport/evidence';
import { clientRequestId } from '@sallyport/idempotency';
import { type Answer, answerFrom, togetherAnswerFrom } from './account-outcomes';
import { accountSteps, riskFeedback } from './account-steps';
import type { Place } from './budget/arrivals';
import { EntraError } from './entra-error';
import { graphCall, takeBudget } from './graph-call';
import type { GraphClient } from './graph-client';
import { objectIdOf } from './graph-query';

/**
 * How long a write waits for the budget; then other cases get their turn. What was read before a release counts for no
 * longer, and it holds a worker that a containment may need.
 */
const budgetWaitMs = 30_000;

/** Steps of which one call takes several users. */
export type TogetherKind = Extract<StepKind, 'dismissRisk'>;

/** The only place that changes an account. */
export class AccountWriter {
  /** @param release who loosens, where that is another app registration than the one that tightens */
  constructor(
    private readonly containment: GraphClient,
    private readonly release: GraphClient = containment,
  ) {}

  /**
   * Waits until {@link perform} may be sent at once. To be called before the intent is written, so that nothing stands
   * between the intent and the call but the call.
   *
   * @returns the call's place in the budget, for {@link perform} or {@link unused}: until one of them has it, everybody
   * else waits for its answer
   * @throws EntraError with nothing sent
   */
  async prepare(step: StepKind, subjectId: string): Promise<Place | null> {
    const { request, urgency } = accountSteps[step];
    const { path } = request(objectIdOf(subjectId));
    return takeBudget(this.clientFor(step), { path, priority: urgency, budgetWaitMs });
  }

  /** The call that was prepared is not made. */
  unused(step: StepKind, place: Place | null): void {
    this.clientFor(step).limiter?.unused(place);
  }

  /**
   * Sends exactly one request, never a second one, whatever the answer.
   *
   * @param key idempotency key of the action; `client-request-id` is derived from it, so that the audit log of the
   * directory leads back to the action.
   * @param place of {@link prepare}
   * @param sendByMs not sent any more after this, by `performance.now()`
   * @throws TypeError for an id that is not a GUID; nothing was sent then. Nothing else is thrown.
   */
  async perform(
    step: StepKind,
    subjectId: string,
    key: Digest,
    place: Place | null,
    sendByMs = Number.POSITIVE_INFINITY,
  ): Promise<Answer> {
    const request = accountSteps[step].request(objectIdOf(subjectId));
    try {
      const { status, requestId } = await graphCall(this.clientFor(step), {
        ...request,
        place,
        sendByMs,
        clientRequestId: clientRequestId(key),
      });
      return { kind: 'accepted', status, requestId };
    } catch (error) {
      if (!(error instanceof EntraError)) throw error;
      return answerFrom(error);
    }
  }

  /**
   * The same for several users in one request.
   *
   * @param sentAs `client-request-id` of the request
   * @throws TypeError for an id that is not a GUID; nothing was sent then. Nothing else is thrown.
   */
  async performTogether(
    step: TogetherKind,
    subjectIds: readonly string[],
    sentAs: string,
    place: Place | null,
    sendByMs = Number.POSITIVE_INFINITY,
  ): Promise<Answer> {
    const request = riskFeedback('dismiss', subjectIds.map(objectIdOf));
    try {
      const { status, requestId } = await graphCall(this.clientFor(step), {
        ...request,
        place,
        sendByMs,
        clientRequestId: sentAs,
      });
      const users = subjectIds.length > 1 ? { users: subjectIds.length } : {};
      return { kind: 'accepted', status, requestId, ...users };
    } catch (error) {
      if (!(error instanceof EntraError)) throw error;
      return togetherAnswerFrom(error, subjectIds.length);
    }
  }

  private clientFor(step: StepKind): GraphClient {
    return accountSteps[step].urgency === 'containment' ? this.containment : this.release;
  }
}
