import type { Digest, StepKind } from '@sallyport/evidence';
import { clientRequestId } from '@sallyport/idempotency';
import { type Answer, answerFrom } from './account-outcomes';
import { accountSteps } from './account-steps';
import { EntraError } from './entra-error';
import { graphCall, takeBudget } from './graph-call';
import type { GraphClient } from './graph-client';
import { objectIdOf } from './graph-query';

/** How long a write waits for the budget; then the queue tries again, and other cases get their turn. */
const writeWaitMs = 30_000;

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
   * @throws EntraError with nothing sent
   */
  async prepare(step: StepKind, subjectId: string): Promise<void> {
    const { request, urgency } = accountSteps[step];
    const { path } = request(objectIdOf(subjectId));
    await takeBudget(this.clientFor(step), { path, priority: urgency, budgetWaitMs: writeWaitMs });
  }

  /**
   * Sends exactly one request, never a second one, whatever the answer.
   *
   * @param key idempotency key of the action; `client-request-id` is derived from it, so that the audit log of the
   * directory leads back to the action.
   * @throws TypeError for an id that is not a GUID; nothing was sent then. Nothing else is thrown.
   */
  async perform(step: StepKind, subjectId: string, key: Digest): Promise<Answer> {
    const request = accountSteps[step].request(objectIdOf(subjectId));
    try {
      const { status, requestId } = await graphCall(this.clientFor(step), {
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

  private clientFor(step: StepKind): GraphClient {
    return accountSteps[step].urgency === 'containment' ? this.containment : this.release;
  }
}
