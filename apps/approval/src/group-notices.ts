import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Case } from '@sallyport/case';
import { CaseLog, CaseLogDamaged, EffectLedger } from '@sallyport/case-log';
import { effectKey } from '@sallyport/idempotency';
import { type Clock, clockToken, type Logger, loggerToken, Rounds } from '@sallyport/service';
import { formerGroupCard, reviewCard } from './cards';
import { type ApprovalConfig, approvalConfigToken } from './config';
import { grownKind, grownMessages, growthToTell } from './group-growth';
import { Messenger } from './messenger';
import { stands } from './recipients';

/** Groups looked at per sweep, those that grew last, and how long after their last member. */
const mostGroups = 50;
const lookBackMs = 24 * 60 * 60_000;

/** Members of a group without a lead that are looked at, oldest first, and those that its notice names. */
const mostMembers = 100;
const namedMembers = 20;

/**
 * Keeps the notice of each group's lead up to date with how many cases belong to it. Updating a message notifies
 * nobody; a new one is posted where the group has doubled, and one where the lead leads no more while others that were
 * told of nowhere else still wait. Each once, by the ledger; nothing waits for it.
 */
@Injectable()
export class GroupNotices implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly rounds: Rounds;

  constructor(
    private readonly log: CaseLog,
    private readonly effects: EffectLedger,
    private readonly messenger: Messenger,
    @Inject(approvalConfigToken) private readonly config: ApprovalConfig,
    @Inject(clockToken) private readonly clock: Clock,
    @Inject(loggerToken) private readonly logger: Logger,
  ) {
    this.rounds = new Rounds(
      config.SWEEP_INTERVAL_SECONDS * 1_000,
      () => this.sweep(),
      (error) => logger.warn({ err: error }, 'groups could not be looked through; the next sweep does'),
    );
  }

  onApplicationBootstrap(): void {
    this.rounds.begin();
  }

  onApplicationShutdown(): Promise<void> {
    return this.rounds.end();
  }

  /** One sweep. A group that cannot be told of must not keep others from it. */
  async sweep(): Promise<void> {
    const since = new Date(this.clock().getTime() - lookBackMs);
    await this.each(await this.log.groupsJoinedSince(since, mostGroups), (id) => this.look(id));
    await this.each(await this.log.formerLeads(mostGroups), (id) => this.lookForLeft(id));
  }

  private async each(leadCaseIds: readonly string[], look: (id: string) => Promise<void>): Promise<void> {
    for (const leadCaseId of leadCaseIds) {
      if (this.rounds.isEnding) return;
      try {
        await look(leadCaseId);
      } catch (error) {
        this.logger.warn({ err: error, caseId: leadCaseId }, 'people could not be told of a group');
      }
    }
  }

  private async look(leadCaseId: string): Promise<void> {
    const lead = await this.load(leadCaseId);
    // Before it is posted the notice counts by itself; after the review has ended nobody is told any more.
    if (!lead?.group?.leads || (lead.phase !== 'reviewPosted' && lead.phase !== 'inReview')) return;
    const { count } = await this.log.groupMembers(leadCaseId, 1);
    if (count < 2) return;
    await this.update(lead, count);
    const grown = growthToTell(count);
    if (grown !== null) await this.postAnew(lead, count, grown);
  }

  private async update(lead: Case, count: number): Promise<void> {
    const seq = lead.review?.openedSeq ?? lead.seq;
    const key = effectKey(lead.id, `teams-group-of-${count}`, seq);
    const at = this.clock().toISOString();
    const begun = await this.effects.begin({ key, caseId: lead.id, kind: 'teams-group', at });
    if (begun.kind === 'done') return;
    const card = this.card(lead, count);
    const channelId = this.config.TEAMS_APPROVALS_CHANNEL_ID;
    // Whoever was called keeps what they were called for.
    const notices = lead.review?.messages.filter((message) => stands(message, channelId)) ?? [];
    const grown = await grownMessages(this.effects, lead, count);
    let isDone = true;
    for (const message of [...notices, ...grown])
      isDone = (await this.messenger.updateNotice(lead, message, card)) && isDone;
    // Left open, the next sweep tries again.
    if (isDone) await this.effects.finish(key, this.clock().toISOString(), null);
  }

  private async postAnew(lead: Case, count: number, grown: number): Promise<void> {
    const target = { channelId: this.config.TEAMS_APPROVALS_CHANNEL_ID };
    await this.messenger.postAll(lead, {
      kind: grownKind(grown),
      seq: lead.review?.openedSeq ?? lead.seq,
      recipients: [{ to: 'channel', target, required: false }],
      card: this.card(lead, count),
      summary: `The group has grown to ${count} cases: ${lead.opened.ticketNumber}`,
    });
  }

  /** The notice of the lead stood for these as well, and is about another matter now, or says that it has ended. */
  private async lookForLeft(leadCaseId: string): Promise<void> {
    const lead = await this.load(leadCaseId);
    if (!lead) return;
    // Each time that somebody had the lead tried again it may have led a group anew.
    const seq = lead.retry.count;
    const key = effectKey(leadCaseId, 'teams-group-left', seq);
    if ((await this.effects.results([key])).length > 0) return;
    const { members } = await this.log.groupMembers(leadCaseId, mostMembers);
    // One that is being told of may still have been left to the lead.
    if (members.some(({ phase }) => phase === 'reviewOpened')) return;
    const untold: string[] = [];
    for (const { caseId, ticketNumber, phase } of members) {
      if (phase !== 'reviewPosted' && phase !== 'inReview') continue;
      const member = await this.load(caseId);
      if (member?.review?.messages.length === 0) untold.push(ticketNumber);
    }
    if (untold.length > 0) await this.tellLeft(lead, untold, seq);
    const at = this.clock().toISOString();
    await this.effects.begin({ key, caseId: leadCaseId, kind: 'teams-group-left', at });
    await this.effects.finish(key, at, null);
  }

  private async tellLeft(lead: Case, untold: readonly string[], seq: number): Promise<void> {
    const target = { channelId: this.config.TEAMS_APPROVALS_CHANNEL_ID };
    await this.messenger.postAll(lead, {
      kind: 'group-left',
      seq,
      recipients: [{ to: 'channel', target, required: true }],
      card: formerGroupCard(lead, untold, namedMembers, { consoleUrl: this.config.CONSOLE_URL }),
      summary: `${untold.length} case(s) of a group still wait: ${lead.opened.ticketNumber}`,
    });
  }

  private card(lead: Case, count: number) {
    return reviewCard(lead, { consoleUrl: this.config.CONSOLE_URL }, count);
  }

  /** A damaged case is told by those who act on it. */
  private async load(caseId: string): Promise<Case | null> {
    try {
      return (await this.log.load(caseId))?.case ?? null;
    } catch (error) {
      if (error instanceof CaseLogDamaged) return null;
      throw error;
    }
  }
}
