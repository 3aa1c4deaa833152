import { type Stage, stages } from '@sallyport/evidence';
import { Gauge, type Registry } from 'prom-client';
import type { QueueLogger } from './logger';
import type { StageQueues } from './stage-queues';

/**
 * Registers a gauge of jobs by stage and state, read from the store at every scrape. Every replica that registers it
 * reports the same store, so aggregate with `max`. While the store cannot be read the gauge is absent rather than
 * zero, and the rest of the scrape is unharmed.
 * @param only the stages to report, by default all
 */
export function registerQueueMetrics(
  registry: Registry,
  queues: Pick<StageQueues, 'counts'>,
  logger: QueueLogger,
  only: readonly Stage[] = stages,
): void {
  new Gauge({
    name: 'sallyport_queue_jobs',
    help: 'Jobs in the queue by stage and state',
    labelNames: ['stage', 'state'],
    registers: [registry],
    async collect() {
      this.reset();
      try {
        const counts = await queues.counts();
        for (const stage of only) {
          for (const [state, count] of Object.entries(counts[stage])) this.set({ stage, state }, count);
        }
      } catch (err) {
        logger.warn({ err }, 'The queue could not be counted');
      }
    },
  });
}
