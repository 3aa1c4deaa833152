import { Inject, Injectable } from '@nestjs/common';
import type { Case, Execution } from '@sallyport/case';
import { FatalError } from '@sallyport/queue';
import { type Logger, loggerToken } from '@sallyport/service';
import { resultCard } from './cards';
import { type ApprovalConfig, approvalConfigToken } from './config';
import { Messenger } from './messenger';
import { type Recipient, stands } from './recipients';

/**
 * Tells the channel what was done to an account: as an answer to the card that asked, where one did. Only what is proven
 * in full: everything else is told as a manual review, and a case in which nothing was done is not told at all.
 */
@Injectable()
export class Results {
  constructor(
    private readonly messenger: Messenger,
    @Inject(approvalConfigToken)
    private readonly config: Pick<ApprovalConfig, 'CONSOLE_URL' | 'TEAMS_APPROVALS_CHANNEL_ID'>,
    @Inject(loggerToken) private readonly logger: Logger,
  ) {}

  /** Once, by the ledger. @returns whether nothing is left to tell; never rejects */
  async tell(c: Case): Promise<boolean> {
    const run = resultOf(c);
    if (!run) return true;
    try {
      const { failure } = await this.messenger.postAll(c, {
        kind: 'result',
        seq: run.begunSeq,
        recipients: [{ to: 'channel', target: this.targetOf(c, run), required: false }],
        card: resultCard(c, run, { consoleUrl: this.config.CONSOLE_URL }),
        summary: `Done: ${c.opened.ticketNumber}`,
      });
      if (failure) this.logger.warn({ caseId: c.id, failure }, 'the channel could not be told of a result');
      return true;
    } catch (error) {
      this.logger.warn({ err: error, caseId: c.id }, 'the channel is told of a result later');
      return error instanceof FatalError;
    }
  }

  /** Where the question stands in the channel; a chat is not told, because its copy of the card is updated. */
  private targetOf({ proposal }: Case, run: Execution): Recipient['target'] {
    const asked = run.slot === 'proposed' ? proposal?.messages : [];
    const inChannel = asked?.find(({ conversationId }) =>
      stands({ conversationId }, this.config.TEAMS_APPROVALS_CHANNEL_ID),
    );
    return inChannel
      ? { conversationId: inChannel.conversationId }
      : { channelId: this.config.TEAMS_APPROVALS_CHANNEL_ID };
  }
}

/**
 * The plan whose result is to be told: the one that was asked about, or a containment that nobody was asked about. The
 * notice of a group's lead stands for those of its members, and that of a review for what is left to do by hand.
 */
function resultOf({ proposed, immediate, outcome, decision, group }: Case): Execution | null {
  // A result speaks of the steps that Sallyport takes: "done" would also be said of an account that a person must enable.
  const left = [immediate, proposed].some((run) => run && run.plan.manualSteps.length > 0);
  if (left) return null;
  if (proposed?.result === 'done') return hasSteps(proposed);
  const alone = outcome === 'contained' && !group && !decision?.proposed && immediate?.result === 'done';
  return alone ? hasSteps(immediate) : null;
}

const hasSteps = (run: Execution): Execution | null => (run.plan.steps.length > 0 ? run : null);
