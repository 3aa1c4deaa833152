import { Counter, Gauge, type Registry } from 'prom-client';

/** A poll that keeps failing, or one that keeps finding what webhooks should have told, is for a person to see. */
export class BackfillMetrics {
  readonly polls: Counter<'result'>;
  readonly opened: Counter;
  readonly watermark: Gauge;

  constructor(registry: Registry) {
    const registers = [registry];
    this.polls = new Counter({
      name: 'sallyport_backfill_polls_total',
      help: 'Polls of ServiceNow for tickets without a webhook: done, failed, stuck, leftToAnother',
      labelNames: ['result'],
      registers,
    });
    // From the start, so that the increase over nothing is seen: the first one is the one to be told of.
    for (const result of ['done', 'failed', 'stuck', 'leftToAnother']) this.polls.inc({ result }, 0);
    this.opened = new Counter({
      name: 'sallyport_backfill_opened_total',
      help: 'Cases that a poll opened, because no webhook had',
      registers,
    });
    this.watermark = new Gauge({
      name: 'sallyport_backfill_watermark_seconds',
      help: 'Until when tickets have been looked at, in Unix seconds of ServiceNow',
      registers,
    });
  }
}
