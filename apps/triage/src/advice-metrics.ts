import type { Logger } from '@sallyport/service';
import { Counter, Histogram, type Registry } from 'prom-client';
import type { AdviceRecord } from './advisor';

/** Counts and logs what became of each question to the model. The log has a hash of the prompt, never its text. */
export function watchAdvice(registry: Registry, logger: Logger): (record: AdviceRecord) => void {
  const written = new Counter({
    name: 'sallyport_triage_total',
    help: 'Questions to the model by what became of them; `model`: its advice was shown',
    labelNames: ['outcome'],
    registers: [registry],
  });
  const dropped = new Counter({
    name: 'sallyport_triage_sentences_dropped_total',
    help: 'Sentences of a model that were not shown, by what the evidence does not bear out',
    labelNames: ['flaw'],
    registers: [registry],
  });
  const disagreed = new Counter({
    name: 'sallyport_triage_disagreements_total',
    help: 'Advice whose first choice is not the strictest action that policy permits',
    registers: [registry],
  });
  const took = new Histogram({
    name: 'sallyport_triage_model_seconds',
    help: 'From the question to the answer of the model, or to giving it up',
    buckets: [0.5, 1, 2, 4, 8, 15, 30, 60],
    registers: [registry],
  });
  return (record) => {
    took.observe(record.tookMs / 1_000);
    written.inc({ outcome: record.outcome });
    for (const flaw of record.flaws) dropped.inc({ flaw });
    if (record.disagrees) disagreed.inc();
    logger.info({ advice: record }, 'the model was asked');
  };
}
