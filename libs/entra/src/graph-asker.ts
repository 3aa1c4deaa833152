import { earlierCallsMax, type Source } from '@sallyport/evidence';
import { clientRequestId } from '@sallyport/idempotency';
import { z } from 'zod';
import { budgetOf } from './budget/budgets';
import { EntraError } from './entra-error';
import { graphCall, type GraphAnswer, type GraphCall } from './graph-call';
import type { GraphClient } from './graph-client';
import { retryRead, type RetryBounds, type Runtime } from './retry';

/** Parts of a `client-request-id`, for example the case id and the sequence number of the case head. */
export type Trace = readonly (string | number)[];

/** At 20 to 1,000 rows a page this is far more than one user's window holds; beyond it something is wrong. */
export const pagesMax = 10;

const pageSchema = z.object({ value: z.array(z.unknown()), '@odata.nextLink': z.string().optional() });

/** Whoever asked cannot wait any longer. */
export const pastDeadline = (sent: boolean): EntraError =>
  new EntraError({ kind: 'unavailable', status: null, code: 'deadline', sent });

/** The ids by which a reading is found in the logs of both sides. */
export type CallIds = Omit<Source, 'call' | 'readAt'>;

/** Asks Graph for one part of the evidence: bounded retries, pages, and the ids of the requests made. */
export class GraphAsker {
  private requestId: string | null = null;
  private clientRequestId: string;
  private requests = 0;
  private readonly earlier: string[] = [];

  constructor(
    private readonly client: GraphClient,
    private readonly runtime: Runtime,
    private readonly bounds: RetryBounds,
    private readonly trace: Trace,
    /** No request is begun after it, and one under way ends with it. */
    private readonly signal: AbortSignal | null = null,
  ) {
    this.clientRequestId = clientRequestId(...trace, 0);
  }

  get ids(): CallIds {
    const { requestId, clientRequestId, earlier } = this;
    const earlierClientRequestIds = earlier.slice(-earlierCallsMax);
    return { requestId, clientRequestId, ...(earlier.length > 0 && { earlierClientRequestIds }) };
  }

  get(path: string, options: Pick<GraphCall, 'allEnumMembers'> = {}): Promise<GraphAnswer> {
    return this.ask({ method: 'GET', path, ...options });
  }

  /** For the few Graph reads that are POSTs, such as checkMemberGroups; repeated like any read. */
  postQuery(path: string, body: unknown): Promise<GraphAnswer> {
    return this.ask({ method: 'POST', path, body });
  }

  /**
   * All rows of a collection; an empty page with a next link is followed, as Graph may send one.
   *
   * @throws EntraError `invalidAnswer`: `foreignNextLink`, `wrongShape`, or `tooManyPages` after so many `pages`.
   */
  async rows(path: string, options: Pick<GraphCall, 'allEnumMembers'> = {}, pages = pagesMax) {
    const rows: unknown[] = [];
    let next: string | undefined = path;
    for (let page = 0; next !== undefined; page++) {
      if (page === pages) throw this.invalid('tooManyPages');
      const answer: GraphAnswer = await this.get(next, options);
      const parsed = pageSchema.safeParse(answer.body);
      if (!parsed.success) throw this.invalid('wrongShape');
      rows.push(...parsed.data.value);
      const link = parsed.data['@odata.nextLink'];
      next = link === undefined ? undefined : this.pathOf(link);
    }
    return rows;
  }

  private ask(call: Omit<GraphCall, 'clientRequestId'>): Promise<GraphAnswer> {
    return retryRead(this.runtime, this.bounds, async () => {
      if (this.requests > 0) this.earlier.push(this.clientRequestId);
      this.clientRequestId = clientRequestId(...this.trace, this.requests++);
      this.requestId = null;
      if (this.signal?.aborted) throw pastDeadline(false);
      const signal = this.signal && { signal: this.signal };
      try {
        const answer = await this.send({ ...call, ...signal, clientRequestId: this.clientRequestId });
        this.requestId = answer.requestId;
        return answer;
      } catch (error) {
        if (error instanceof EntraError) this.requestId = error.requestId;
        throw error;
      }
    });
  }

  private send(call: GraphCall): Promise<GraphAnswer> {
    const { directoryBatch } = this.client;
    const batched = directoryBatch && call.method === 'GET' && budgetOf(call.path) === 'directory';
    return batched ? directoryBatch.get(call) : graphCall(this.client, call);
  }

  /**
   * A next link is opaque but must lead to the same service in the same version: our token travels with it. The path is
   * compared with what a URL parser makes of it, which resolves `..` however it is written. The SDK takes whatever
   * follows a `https://` anywhere in what it is given for the host (3.0.7), so there must be none.
   */
  private pathOf(nextLink: string): string {
    const prefix = `${this.client.origin}/v1.0/`;
    const rest = nextLink.slice(prefix.length - 1);
    const [path = ''] = rest.split('?');
    const read = URL.canParse(nextLink) ? new URL(nextLink) : null;
    const same = nextLink.startsWith(prefix) && read?.pathname === `/v1.0${path}`;
    if (!same || rest.includes('://')) throw this.invalid('foreignNextLink');
    return rest;
  }

  private invalid(code: string): EntraError {
    return new EntraError({ kind: 'invalidAnswer', status: 200, code, requestId: this.requestId });
  }
}
