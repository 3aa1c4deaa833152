import { Inject, Injectable } from '@nestjs/common';
import { type Case, type Proposal, reminderNumber } from '@sallyport/case';
import { EntraError, MembershipReader } from '@sallyport/entra';
import { type Logger, loggerToken } from '@sallyport/service';
import { asStageError } from '@sallyport/stage';
import { alarmCard } from './cards';
import { type ApprovalConfig, approvalConfigToken } from './config';
import { Messenger, type Posted } from './messenger';
import { maxEscalationPeople, type Recipient, whomToAsk, whomToEscalateTo, whomToRemind } from './recipients';

/** Who is told what in Teams, and when again. Each notice once: the ledger knows it by its kind, number and recipient. */
@Injectable()
export class Notices {
  constructor(
    private readonly messenger: Messenger,
    private readonly people: MembershipReader,
    @Inject(approvalConfigToken) private readonly config: ApprovalConfig,
    @Inject(loggerToken) private readonly logger: Logger,
  ) {}

  /** @throws RetryableError, and FatalError where those who decide cannot be asked at all */
  ask(c: Case): Promise<Posted> {
    const recipients = whomToAsk(c, this.config.TEAMS_APPROVALS_CHANNEL_ID);
    return this.question(c, 'proposal', recipients, 'Approval needed');
  }

  /** Asks again those whose role is not answered for. @throws RetryableError */
  remind(c: Case): Promise<Posted> {
    const number = reminderNumber(proposalOf(c));
    const recipients = whomToRemind(c, this.config.TEAMS_APPROVALS_CHANNEL_ID);
    return this.question(
      c,
      number === 0 ? 'reminder' : `reminder-${number}`,
      recipients,
      'Still needed: approval',
    );
  }

  /** Tells others. @throws RetryableError */
  async escalate(c: Case): Promise<Posted> {
    const { ESCALATION_CHANNEL_ID: channelId } = this.config;
    const { memberIds, failure } = await this.escalationGroup(c, channelId !== undefined);
    const recipients = whomToEscalateTo(c, channelId, memberIds);
    const posted = await this.question(c, 'escalation', recipients, 'Escalated: nobody has decided yet');
    return { ...posted, failure: posted.failure ?? failure };
  }

  /** Tells the channel that a released account is at risk again. @throws RetryableError, FatalError */
  alarm(c: Case): Promise<Posted> {
    const target = { channelId: this.config.TEAMS_APPROVALS_CHANNEL_ID };
    return this.messenger.postAll(c, {
      kind: 'alarm',
      seq: c.watch?.alarmSeq ?? c.seq,
      recipients: [{ to: 'channel', target, required: true }],
      card: alarmCard(c, { consoleUrl: this.config.CONSOLE_URL }),
      summary: `At risk again after its release: ${c.opened.ticketNumber}`,
    });
  }

  private question(c: Case, kind: string, recipients: readonly Recipient[], words: string): Promise<Posted> {
    return this.messenger.postAll(c, {
      kind,
      seq: proposalOf(c).requestedSeq,
      recipients,
      card: this.messenger.card(c),
      summary: `${words}: ${c.opened.ticketNumber}`,
    });
  }

  /** Where a channel is told anyway, a directory that is down only costs the messages one by one. */
  private async escalationGroup(
    c: Case,
    channelIsTold: boolean,
  ): Promise<{ memberIds: readonly string[]; failure: string | null }> {
    const { ESCALATION_GROUP_ID: groupId } = this.config;
    if (!groupId) return { memberIds: [], failure: null };
    try {
      // A few more than are told, for those who are left out.
      const memberIds = await this.people.members(groupId, maxEscalationPeople * 2, [c.id, 'escalation']);
      return { memberIds, failure: null };
    } catch (error) {
      if (!(error instanceof EntraError) || !channelIsTold) throw asStageError(error);
      this.logger.warn({ err: error, caseId: c.id }, 'the escalation group could not be read');
      return { memberIds: [], failure: `escalation-group:${error.code}` };
    }
  }
}

function proposalOf(c: Case): Proposal {
  if (!c.proposal) throw new Error('the case asks nobody');
  return c.proposal;
}
