import type { Stage } from '@sallyport/evidence';
import { Counter, Histogram, type Registry } from 'prom-client';

/** How one run of a job ended. `invalid`: what the store held was no job of this stage. */
export type JobResult = 'completed' | 'retried' | 'notYet' | 'dead' | 'invalid';

const processedName = 'sallyport_jobs_processed_total';
const durationName = 'sallyport_job_duration_seconds';

/** Counts and times the runs of jobs in `registry`, which may be shared. */
export class JobMetrics {
  private readonly processed: Counter<'stage' | 'result'>;
  private readonly duration: Histogram<'stage'>;

  constructor(registry: Registry) {
    const processed = registry.getSingleMetric(processedName);
    this.processed =
      processed instanceof Counter
        ? processed
        : new Counter({
            name: processedName,
            help: 'Runs of queue jobs by stage and result',
            labelNames: ['stage', 'result'],
            registers: [registry],
          });
    const duration = registry.getSingleMetric(durationName);
    this.duration =
      duration instanceof Histogram
        ? duration
        : new Histogram({
            name: durationName,
            help: 'Time of one run of a queue job, in seconds',
            labelNames: ['stage'],
            // Up to the minutes that a read-back may take.
            buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300],
            registers: [registry],
          });
  }

  record(stage: Stage, result: JobResult, durationMs: number): void {
    this.processed.inc({ stage, result });
    this.duration.observe({ stage }, durationMs / 1_000);
  }
}
