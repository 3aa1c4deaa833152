import { z } from 'zod';
import { EntraError } from './entra-error';
import { graphCall, refusal, type GraphAnswer, type GraphCall } from './graph-call';
import type { GraphClient } from './graph-client';
import { isOfToken } from './graph-token';

/** Limit of `$batch`. https://learn.microsoft.com/graph/json-batching */
const batchMax = 20;

const batchAnswerSchema = z.object({
  responses: z.array(
    z.object({
      id: z.string(),
      status: z.int(),
      headers: z.record(z.string(), z.string()).nullish(),
      body: z.unknown().optional(),
    }),
  ),
});
type InnerAnswer = z.infer<typeof batchAnswerSchema>['responses'][number];

interface Pending {
  call: GraphCall;
  resolve: (answer: GraphAnswer) => void;
  reject: (error: unknown) => void;
}

/**
 * Sends directory reads that are asked for in the same moment as one `$batch`. Reads only, and of the directory only:
 * a batch answers 200 over failed parts, so a write in it could fail unseen, and the parts of other budgets would
 * count against them all at once. Each part keeps its own `client-request-id` and is judged by its own status.
 */
export class DirectoryBatch {
  private pending: Pending[] = [];

  constructor(private readonly client: GraphClient) {}

  /** @throws EntraError as {@link graphCall} does */
  get(call: GraphCall): Promise<GraphAnswer> {
    return new Promise((resolve, reject) => {
      if (this.pending.length === 0) setImmediate(() => void this.send());
      this.pending.push({ call, resolve, reject });
    });
  }

  /** Settles everybody who waits, and so never throws. */
  private async send(): Promise<void> {
    const all = this.pending.splice(0);
    const batches = Array.from({ length: Math.ceil(all.length / batchMax) }, (_, n) =>
      all.slice(n * batchMax, (n + 1) * batchMax),
    );
    await Promise.all(batches.map((batch) => this.sendBatch(batch)));
  }

  private async sendBatch(batch: readonly Pending[]): Promise<void> {
    const [first] = batch;
    if (!first || batch.length === 1) {
      for (const { call, resolve, reject } of batch) await graphCall(this.client, call).then(resolve, reject);
      return;
    }
    try {
      const requests = batch.map(({ call }, at) => ({
        id: String(at),
        method: call.method,
        url: call.path,
        headers: { 'client-request-id': call.clientRequestId },
      }));
      const outer = await graphCall(this.client, {
        method: 'POST',
        path: '/$batch',
        body: { requests },
        clientRequestId: first.call.clientRequestId,
        calls: batch.length,
      });
      const answers = answersOf(outer);
      await Promise.all(
        batch.map(({ call, resolve, reject }, at) =>
          this.innerAnswer(call, answers.get(String(at)), outer).then(resolve, reject),
        ),
      );
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  private async innerAnswer(
    call: GraphCall,
    inner: InnerAnswer | undefined,
    outer: GraphAnswer,
  ): Promise<GraphAnswer> {
    if (!inner) throw invalid(outer);
    const headers = new Headers(inner.headers ?? {});
    const requestId = headers.get('request-id') ?? outer.requestId;
    const body = inner.body ?? null;
    const { status } = inner;
    if (status >= 200 && status < 300)
      return { status, body, requestId, clientRequestId: call.clientRequestId };
    const refused = refusal({ status, headers }, body, requestId);
    // Alone, because only a call knows with which token it went, and so sees to another one.
    if (status === 401 && isOfToken(refused.code, headers.get('www-authenticate')))
      return graphCall(this.client, call);
    if (refused.kind === 'throttled') await this.client.limiter?.throttled(call.path, refused.retryAfterMs);
    throw refused;
  }
}

/** Answers come in any order. */
function answersOf(outer: GraphAnswer): Map<string, InnerAnswer> {
  const parsed = batchAnswerSchema.safeParse(outer.body);
  if (!parsed.success) throw invalid(outer);
  return new Map(parsed.data.responses.map((response) => [response.id, response]));
}

const invalid = ({ status, requestId }: GraphAnswer): EntraError =>
  new EntraError({ kind: 'invalidAnswer', status, code: 'wrongBatch', requestId });
