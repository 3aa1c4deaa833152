import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { type Case, replacedProposals } from '@sallyport/case';
import { CaseLog, CaseLogDamaged, type Moved } from '@sallyport/case-log';
import type { MessageRef } from '@sallyport/evidence';
import { type Clock, clockToken, type Logger, loggerToken, Rounds } from '@sallyport/service';
import { type ApprovalConfig, approvalConfigToken } from './config';
import { Messenger } from './messenger';
import { RepairLimit } from './repair-limit';
import { Results } from './results';

/** Cases looked at per sweep, of so many rows that tell what moved. A wave of more is caught up with by the next ones. */
const casesPerSweep = 200;
const rowsPerSweep = 2_000;
/** How far back a process looks when it starts, and how long a case is tried that cannot be told of. */
const followedMs = 24 * 3_600_000;
/** Events carry the times of other processes, some of which were taken before a long piece of work. */
const overlapMs = 60 * 60_000;
/** Pause before a case is tried again of which Teams could not be told all. */
const againMs = 2 * 60_000;
/** The most cases that wait for that; a longer outage of Teams leaves the rest to those who look at their cards. */
const againMax = 5_000;

/**
 * Brings cards in Teams up to date with whatever happens to their cases: votes on the console, a review, a decision
 * that became void, the end. Once for each change, by the ledger of effects; nobody is notified, and nothing waits for
 * it. What Teams does not take is tried again for a day, and repaired when somebody looks at it.
 */
@Injectable()
export class Copies implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly rounds: Rounds;
  /** Up to where everything that moved has been looked at. */
  private seenUntil: { at: string; caseId: string } | null = null;
  /** Of the cases in the overlap: where they stood when they were looked at. */
  private readonly looked = new Map<string, Moved>();
  private readonly repairs = new RepairLimit();
  /** Cases to be tried again, by when. */
  private readonly again = new Map<string, number>();

  constructor(
    private readonly log: CaseLog,
    private readonly messenger: Messenger,
    private readonly results: Results,
    @Inject(approvalConfigToken) config: Pick<ApprovalConfig, 'SWEEP_INTERVAL_SECONDS'>,
    @Inject(clockToken) private readonly clock: Clock,
    @Inject(loggerToken) private readonly logger: Logger,
  ) {
    this.rounds = new Rounds(
      config.SWEEP_INTERVAL_SECONDS * 1_000,
      () => this.sweep(),
      (error) => logger.warn({ err: error }, 'cards could not be looked through; the next sweep does'),
    );
  }

  onApplicationBootstrap(): void {
    this.rounds.begin();
  }

  onApplicationShutdown(): Promise<void> {
    return this.rounds.end();
  }

  /** One sweep: what has moved, and what could not be told before. */
  async sweep(): Promise<void> {
    const nowMs = this.clock().getTime();
    const after = this.seenUntil ?? { at: new Date(nowMs - followedMs).toISOString(), caseId: '' };
    const rows = await this.log.movedSince(after, rowsPerSweep);
    const moved = rows.filter(({ caseId, seq }) => this.looked.get(caseId)?.seq !== seq);
    for (const one of moved.slice(0, casesPerSweep)) {
      if (this.rounds.isEnding) return;
      await this.look(one.caseId, nowMs);
      this.looked.set(one.caseId, one);
    }
    const last = moved.length > casesPerSweep ? moved[casesPerSweep - 1] : rows[rowsPerSweep - 1];
    this.seenUntil = last ?? overlapFrom(after, nowMs);
    for (const [caseId, { at }] of this.looked) if (at < this.seenUntil.at) this.looked.delete(caseId);
    for (const [caseId, atMs] of [...this.again]) {
      if (this.rounds.isEnding) return;
      if (atMs <= nowMs) await this.look(caseId, nowMs);
    }
  }

  /**
   * A copy that was looked at or clicked although its question is closed: it has missed an update, which is made up for
   * where the limit lets it. Never rejects.
   */
  async repair(c: Case, copy: Pick<MessageRef, 'conversationId' | 'activityId'>): Promise<void> {
    if (!this.repairs.takes(copy, this.clock().getTime())) return;
    try {
      await this.messenger.repair(c, copy);
      for (const before of await this.replaced(c)) await this.messenger.repair(before, copy, true);
    } catch (error) {
      this.logger.warn({ err: error, caseId: c.id }, 'a copy could not be repaired');
    }
  }

  /**
   * Whether a card of this case carries the prefix, now or before: of a digest over all that was judged, which nobody
   * knows who was not shown the card.
   */
  async asked(c: Case, proposalPrefix: string): Promise<boolean> {
    if (c.proposal?.digest.startsWith(proposalPrefix)) return true;
    const { links } = await this.log.read(c.id);
    return links.some(
      ({ event }) => event.type === 'approval.requested' && event.proposalDigest.startsWith(proposalPrefix),
    );
  }

  private async look(caseId: string, nowMs: number): Promise<void> {
    const c = await this.load(caseId);
    this.again.delete(caseId);
    if (!c || (await this.isTold(c))) return;
    const givenUp = nowMs - Date.parse(c.updatedAt) > followedMs || this.again.size >= againMax;
    if (givenUp) this.logger.warn({ caseId }, 'cards in Teams stay as they are until somebody looks at them');
    else this.again.set(caseId, nowMs + againMs);
  }

  private async isTold(c: Case): Promise<boolean> {
    const told = [await this.messenger.refresh(c)];
    for (const before of await this.replaced(c)) told.push(await this.messenger.refresh(before, true));
    told.push(await this.results.tell(c));
    return !told.includes(false);
  }

  /** Read only where there can be any: a case that has asked once, and still does, has let go of nothing. */
  private async replaced(c: Case): Promise<Case[]> {
    if (c.proposal && c.round <= 1) return [];
    const { links } = await this.log.read(c.id);
    return replacedProposals(links.map(({ event }) => event));
  }

  /** A damaged case is told by those who act on it, and must not keep others from being shown. */
  private async load(caseId: string): Promise<Case | null> {
    try {
      return (await this.log.load(caseId))?.case ?? null;
    } catch (error) {
      if (error instanceof CaseLogDamaged) return null;
      throw error;
    }
  }
}

/** Where to go on from once everything was seen: a little before now, and never further back than before. */
function overlapFrom(after: { at: string; caseId: string }, nowMs: number): { at: string; caseId: string } {
  const at = new Date(nowMs - overlapMs).toISOString();
  return at > after.at ? { at, caseId: '' } : after;
}
