import { Inject, Injectable } from '@nestjs/common';
import type { Case } from '@sallyport/case';
import { CaseLog } from '@sallyport/case-log';
import { EntraError, MembershipReader } from '@sallyport/entra';
import { RetryableError } from '@sallyport/queue';
import { type Logger, loggerToken } from '@sallyport/service';
import { asStageError } from '@sallyport/stage';
import { pageCard, reviewCard } from './cards';
import { type ApprovalConfig, approvalConfigToken } from './config';
import { type Message, Messenger, type Posted } from './messenger';
import { maxPagedPeople, whomToPage } from './recipients';

const nobodyTold: Posted = { messages: [], failure: null };

/** Tells that a person must look: the channel, and at once the security lead where a rule of the policy calls them. */
@Injectable()
export class ReviewNotices {
  constructor(
    private readonly messenger: Messenger,
    private readonly people: MembershipReader,
    private readonly log: CaseLog,
    @Inject(approvalConfigToken) private readonly config: ApprovalConfig,
    @Inject(loggerToken) private readonly logger: Logger,
  ) {}

  /** One that cannot be told must not keep the other from it, so both are tried before either fails. @throws RetryableError, FatalError */
  async tell(c: Case): Promise<Posted> {
    const told = await Promise.allSettled([this.tellChannel(c), this.page(c)]);
    const failed = told.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
    // What may still be told is tried again before the rest is given up.
    if (failed.length > 0) throw failed.find((error) => error instanceof RetryableError) ?? failed[0];
    const posted = told.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    const failures = posted.flatMap(({ failure }) => failure ?? []);
    return {
      messages: posted.flatMap(({ messages }) => messages),
      failure: failures.length > 0 ? failures.join(', ') : null,
    };
  }

  private async tellChannel(c: Case): Promise<Posted> {
    if (await this.isToldByLead(c)) return nobodyTold;
    const groupCount = c.group?.leads ? (await this.log.groupMembers(c.id, 1)).count : 0;
    const target = { channelId: this.config.TEAMS_APPROVALS_CHANNEL_ID };
    return this.messenger.postAll(c, {
      ...this.about(c),
      kind: 'review',
      recipients: [{ to: 'channel', target, required: true }],
      card: reviewCard(c, { consoleUrl: this.config.CONSOLE_URL }, groupCount),
      summary: `Pending manual review: ${c.opened.ticketNumber}`,
    });
  }

  /** A member that is held for nothing but its group adds to the notice of its lead, unless that leads no more. */
  private async isToldByLead({ group, review, decision, watch }: Case): Promise<boolean> {
    if (!group || group.leads || review?.reason !== 'campaign') return false;
    // Held for more than its group: somebody is called, nobody may contain it, or its review tells of an alarm as well.
    const uncontained = decision?.rulings.contain.rules.some(({ effect }) => effect === 'forbid') ?? true;
    if (decision?.page || uncontained || watch?.alarm) return false;
    const seen = await this.log.groupOf(group.key);
    return seen !== null && seen.open && seen.leadCaseId === group.leadCaseId;
  }

  private async page(c: Case): Promise<Posted> {
    if (!c.decision?.page) return nobodyTold;
    const { SECURITY_LEAD_CHANNEL_ID: channelId } = this.config;
    const { memberIds, failure } = await this.securityLeads(c, channelId !== undefined);
    const recipients = whomToPage(c, channelId, memberIds);
    if (recipients.length === 0) return { messages: [], failure: 'page:nobody' };
    const posted = await this.messenger.postAll(c, {
      ...this.about(c),
      kind: 'page',
      recipients,
      card: pageCard(c, { consoleUrl: this.config.CONSOLE_URL }),
      summary: `Security lead, now: ${c.opened.ticketNumber}`,
    });
    return { ...posted, failure: posted.failure ?? failure };
  }

  /** Where a channel is called anyway, a directory that is down only costs the messages one by one. */
  private async securityLeads(
    c: Case,
    channelIsTold: boolean,
  ): Promise<{ memberIds: readonly string[]; failure: string | null }> {
    try {
      // One more than are called, for the one who is left out.
      const trace = [c.id, 'page'];
      const memberIds = await this.people.members(
        this.config.SECURITY_LEAD_GROUP_ID,
        maxPagedPeople + 1,
        trace,
      );
      return { memberIds, failure: null };
    } catch (error) {
      if (!(error instanceof EntraError) || !channelIsTold) throw asStageError(error);
      this.logger.warn({ err: error, caseId: c.id }, 'the group of security leads could not be read');
      return { memberIds: [], failure: `page-group:${error.code}` };
    }
  }

  private about(c: Case): Pick<Message, 'seq'> {
    return { seq: c.review?.openedSeq ?? c.seq };
  }
}
