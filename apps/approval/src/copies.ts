import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Case } from '@sallyport/case';
import { CaseLog, CaseLogDamaged, EffectLedger } from '@sallyport/case-log';
import { effectKey } from '@sallyport/idempotency';
import { type Clock, clockToken, type Logger, loggerToken } from '@sallyport/service';
import { type ApprovalConfig, approvalConfigToken } from './config';
import { Messenger } from './messenger';

/** Cases looked at per sweep, those that moved last. Copies of older ones are repaired when somebody looks at them. */
const mostCases = 50;

/**
 * Brings cards in Teams up to date with what happened elsewhere: a vote on the console that does not decide yet, and
 * the end of a case, so that the channel sees the result. Once each, by the ledger; nobody is notified, and nothing
 * waits for it. Decisions and votes in Teams update the copies by themselves.
 */
@Injectable()
export class Copies implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private sweeping: Promise<void> = Promise.resolve();
  private stopped = false;
  /** Closed cases that show their result; a closed case never changes again. */
  private readonly settled = new Set<string>();

  constructor(
    private readonly log: CaseLog,
    private readonly effects: EffectLedger,
    private readonly messenger: Messenger,
    @Inject(approvalConfigToken) private readonly config: Pick<ApprovalConfig, 'SWEEP_INTERVAL_SECONDS'>,
    @Inject(clockToken) private readonly clock: Clock,
    @Inject(loggerToken) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setTimeout(() => this.tick(), this.config.SWEEP_INTERVAL_SECONDS * 1_000);
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.sweeping;
  }

  private tick(): void {
    this.sweeping = this.sweep()
      .catch((error: unknown) =>
        this.logger.warn({ err: error }, 'cards could not be looked through; the next sweep does'),
      )
      .finally(() => {
        if (!this.stopped) this.onApplicationBootstrap();
      });
  }

  /** One sweep. */
  async sweep(): Promise<void> {
    const ids = await this.log.caseIdsIn(['voting', 'closed'], 'newest', mostCases);
    for (const id of this.settled) if (!ids.includes(id)) this.settled.delete(id);
    for (const id of ids) {
      if (this.stopped) return;
      if (!this.settled.has(id)) await this.look(id);
    }
  }

  private async look(caseId: string): Promise<void> {
    const c = await this.load(caseId);
    if (c && outOfSight(c)) {
      const effect = { key: effectKey(c.id, 'teams-copies', c.seq), caseId, kind: 'teams-copies' };
      const begun = await this.effects.begin({ ...effect, at: this.clock().toISOString() });
      if (begun.kind !== 'done') {
        await this.messenger.refresh(c);
        await this.effects.finish(effect.key, this.clock().toISOString(), null);
      }
    }
    if (!c || c.phase === 'closed') this.settled.add(caseId);
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

/** Whether the last that happened is nothing that Teams was told of. */
function outOfSight({ phase, proposal }: Case): boolean {
  if (!proposal || proposal.messages.length === 0) return false;
  return phase === 'closed' || proposal.lastVoteOn === 'console';
}
