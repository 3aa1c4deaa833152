import { budgetNames, budgetOf, type BudgetName } from '@sallyport/entra';
import { z } from 'zod';

type Counts = Record<BudgetName, { calls: number; throttled: number }>;
const none = (): Counts => ({
  identityProtection: { calls: 0, throttled: 0 },
  reports: { calls: 0, throttled: 0 },
  directory: { calls: 0, throttled: 0 },
});

const batchSchema = z.object({ requests: z.array(z.object({ id: z.string(), url: z.string() })) });
const batchAnswerSchema = z.object({
  responses: z.array(z.object({ id: z.string(), status: z.number() })),
});

/**
 * Counts what really leaves the process for Graph, whatever the code above believes. A batch counts as the calls inside
 * it, which Graph throttles one by one ("Throttling and batching" in Microsoft's "Graph throttling guidance").
 */
export class WireCount {
  private counts = none();
  /** For callers that are not measured. */
  readonly uncounted = globalThis.fetch;

  constructor() {
    globalThis.fetch = async (input, init) => {
      const response = await this.uncounted(input, init);
      const url = new URL(input instanceof Request ? input.url : input);
      if (!url.pathname.startsWith('/v1.0/')) return response;
      const path = url.pathname.slice('/v1.0'.length);
      if (path === '/$batch') await this.addBatch(init?.body, response.clone());
      else this.add(path, response.status);
      return response;
    };
  }

  private async addBatch(body: unknown, response: Response): Promise<void> {
    const { requests } = batchSchema.parse(JSON.parse(String(body)));
    const { responses } = response.ok
      ? batchAnswerSchema.parse(await response.json())
      : { responses: requests.map(({ id }) => ({ id, status: response.status })) };
    for (const { id, url } of requests)
      this.add(url.split('?')[0] ?? '', responses.find((one) => one.id === id)?.status ?? 0);
  }

  private add(path: string, status: number): void {
    const count = this.counts[budgetOf(path)];
    count.calls += 1;
    if (status === 429) count.throttled += 1;
  }

  /** @returns the counts since the last time */
  take(): Counts {
    const taken = this.counts;
    this.counts = none();
    return Object.fromEntries(budgetNames.map((name) => [name, taken[name]])) as Counts;
  }
}
