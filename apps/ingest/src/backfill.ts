import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { CaseLog, Leases, Watermarks } from '@sallyport/case-log';
import { digestOf } from '@sallyport/idempotency';
import { type Clock, clockToken, type Logger, loggerToken, Rounds } from '@sallyport/service';
import { ServiceNowError, type TicketChange, TicketReader, tooManyPages } from '@sallyport/servicenow';
import { BackfillMetrics } from './backfill-metrics';
import { CaseOpener } from './case-opener';
import { type IngestConfig, ingestConfigToken } from './config';
import { episodeOfReopening, isReopening } from './ticket-webhook';

/** Name of the watermark and of the lease. */
const name = 'backfill';
/** `sys_updated_on` has whole seconds, and a transaction becomes visible after its time stamp. */
const overlapMs = 120_000;
/** What changed a moment ago may still have its webhook on the way. */
const graceMs = 30_000;
/** How far the very first poll looks back: what came in while Sallyport was being set up, not the whole history. */
const firstLookbackMs = 24 * 3_600_000;
/** Rows per question. */
const pageRows = 100;
const stuckWords =
  'backfill is stuck and looks at no later ticket: one second after its watermark has more changed tickets than a poll reads, ' +
  'or the reader may see none of them. Narrow BACKFILL_QUERY, or give the reader its rights back';
/** Questions per poll; what is left is the next poll's. */
const pagesPerPoll = 20;

/**
 * Asks ServiceNow what changed, and opens the cases of which no webhook told. Reads under a watermark in ServiceNow's
 * own clock, which moves only over tickets that were looked at. One replica per interval, by a lease; two at a time
 * would cost calls and do no harm, because a case has one id whoever opens it.
 */
@Injectable()
export class Backfill implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly rounds: Rounds;
  private readonly intervalMs: number;
  private readonly query: string;

  constructor(
    @Inject(ingestConfigToken) private readonly config: IngestConfig,
    private readonly reader: TicketReader,
    private readonly log: CaseLog,
    private readonly watermarks: Watermarks,
    private readonly leases: Leases,
    private readonly opener: CaseOpener,
    private readonly metrics: BackfillMetrics,
    @Inject(clockToken) private readonly clock: Clock,
    @Inject(loggerToken) private readonly logger: Logger,
  ) {
    this.intervalMs = config.BACKFILL_INTERVAL_SECONDS * 1_000;
    this.rounds = new Rounds(
      this.intervalMs,
      () => this.poll(),
      (error) => this.failed(error),
    );
    this.query = config.BACKFILL_QUERY ?? `active=true^categoryIN${config.TICKET_CATEGORIES.join(',')}`;
  }

  onApplicationBootstrap(): void {
    this.rounds.begin();
  }

  onApplicationShutdown(): Promise<void> {
    return this.rounds.end();
  }

  /** One poll. Never rejects: whatever fails is read again, because the watermark stays where it was. */
  async poll(): Promise<void> {
    try {
      const now = this.clock();
      const until = new Date(now.getTime() + this.intervalMs);
      const mine = await this.leases.claim(name, now.toISOString(), until.toISOString());
      if (mine) await this.read(now);
      this.metrics.polls.inc({ result: mine ? 'done' : 'leftToAnother' });
    } catch (error) {
      this.failed(error);
    }
  }

  private failed(error: unknown): void {
    if (error instanceof ServiceNowError && error.code === tooManyPages) {
      // The next poll cannot do better: the reader has no finer place than a second to go on from.
      this.metrics.polls.inc({ result: 'stuck' });
      this.logger.error({ err: error }, stuckWords);
      return;
    }
    this.metrics.polls.inc({ result: 'failed' });
    this.logger.warn({ err: error }, 'backfill poll failed; the next one reads the same again');
  }

  private async read(now: Date): Promise<void> {
    const from = (await this.watermarks.read(name)) ?? earlier(now.toISOString(), firstLookbackMs);
    const settledUntil = earlier(now.toISOString(), graceMs);
    let since = earlier(from, overlapMs);
    let limit = pageRows;
    for (let page = 0; page < pagesPerPoll; page++) {
      const changes = await this.reader.changedSince(since, this.query, limit);
      const settled = changes.filter(({ updatedAt }) => updatedAt <= settledUntil);
      await this.openMissed(settled);
      const newest = settled.at(-1)?.updatedAt;
      if (newest === undefined) return;
      await this.watermarks.advance(name, newest);
      this.metrics.watermark.set(Date.parse(newest) / 1_000);
      if (changes.length < limit || settled.length < changes.length) return;
      // By time, not by offset: rows that change meanwhile would shift the others. A second fuller than a page needs
      // a larger one.
      limit = newest.slice(0, 19) > since.slice(0, 19) ? pageRows : limit * 2;
      since = newest;
    }
  }

  private async openMissed(changes: readonly TicketChange[]): Promise<void> {
    const instance = this.config.SERVICENOW_INSTANCE;
    // Checked again here: ServiceNow drops a condition that it does not understand, and answers with more.
    const ours = changes.filter(
      ({ active, category }) => active && this.config.TICKET_CATEGORIES.includes(category),
    );
    if (ours.length === 0) return;
    const known = await this.log.episodesOf(instance, ours);
    for (const change of ours) {
      if (isKnown(change, known.get(change.sysId) ?? [])) continue;
      const { sysId, number, modCount, reopenCount } = change;
      const receipt = await this.opener.open({
        instance,
        ticketSysId: sysId,
        ticketNumber: number,
        episode: episodeOfReopening(reopenCount),
        origin: 'backfill',
        messageId: `backfill-${sysId}-${modCount}`,
        bodyDigest: digestOf(change),
      });
      if (receipt.status !== 'opened') continue;
      this.metrics.opened.inc();
      this.logger.warn({ caseId: receipt.caseId }, 'opened a case of which no webhook told');
    }
  }
}

/**
 * Whether the ticket's episode has its case. Every update of ours is such a change, so an echo ends here, whatever user
 * name it carries; asking for the name alone would also drop an incident of ours that never got its case. Where the
 * sender names episodes, counting reopenings says nothing about them.
 */
function isKnown({ reopenCount }: TicketChange, episodes: readonly string[]): boolean {
  return episodes.some((episode) => episode === episodeOfReopening(reopenCount) || !isReopening(episode));
}

const earlier = (instant: string, ms: number): string => new Date(Date.parse(instant) - ms).toISOString();
