import type { LimiterWatch } from '@sallyport/entra';
import { Counter, Histogram, type Registry } from 'prom-client';

/* A process has one budget per tenant, whoever asks, so these are the process's own and are registered at boot. */

const waited = new Histogram({
  name: 'sallyport_graph_budget_wait_seconds',
  help: 'Time that a call to Graph waited for the tenant-wide budget',
  labelNames: ['budget', 'priority'],
  buckets: [0.01, 0.1, 0.5, 1, 2, 5, 15, 60, 300],
  registers: [],
});
const gaveUp = new Counter({
  name: 'sallyport_graph_budget_gave_up_total',
  help: 'Calls to Graph that were not sent, because the budget was not free in time',
  labelNames: ['budget', 'priority'],
  registers: [],
});
const throttled = new Counter({
  name: 'sallyport_graph_throttled_total',
  help: 'Answers 429 of Graph; with the budget kept, somebody else in the tenant uses it too',
  labelNames: ['budget'],
  registers: [],
});
const alone = new Counter({
  name: 'sallyport_graph_budget_alone_total',
  help: 'Calls that were counted by this process alone, slower, because the shared store did not answer',
  labelNames: ['budget'],
  registers: [],
});

export const limiterMetrics: LimiterWatch = {
  waited: (budget, priority, waitedMs) => waited.observe({ budget, priority }, waitedMs / 1_000),
  gaveUp: (budget, priority) => gaveUp.inc({ budget, priority }),
  throttled: (budget) => throttled.inc({ budget }),
  alone: (budget) => alone.inc({ budget }),
};

export function registerGraphMetrics(registry: Registry): void {
  for (const metric of [waited, gaveUp, throttled, alone]) registry.registerMetric(metric);
}
