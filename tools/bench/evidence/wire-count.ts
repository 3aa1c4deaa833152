import { budgetNames, budgetOf, type BudgetName } from '@sallyport/entra';

type Counts = Record<BudgetName, { calls: number; throttled: number }>;
const none = (): Counts => ({
  identityProtection: { calls: 0, throttled: 0 },
  reports: { calls: 0, throttled: 0 },
  directory: { calls: 0, throttled: 0 },
});

/** Counts what really leaves the process for Graph, whatever the code above believes. */
export class WireCount {
  private counts = none();
  /** For callers that are not measured. */
  readonly uncounted = globalThis.fetch;

  constructor() {
    globalThis.fetch = async (input, init) => {
      const response = await this.uncounted(input, init);
      const url = new URL(input instanceof Request ? input.url : input);
      if (url.pathname.startsWith('/v1.0/')) {
        const count = this.counts[budgetOf(url.pathname.slice('/v1.0'.length))];
        count.calls += 1;
        if (response.status === 429) count.throttled += 1;
      }
      return response;
    };
  }

  /** @returns the counts since the last time */
  take(): Counts {
    const taken = this.counts;
    this.counts = none();
    return Object.fromEntries(budgetNames.map((name) => [name, taken[name]])) as Counts;
  }
}
