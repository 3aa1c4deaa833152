import { Inject, Injectable } from '@nestjs/common';
import { type Case, retryWords, stepWords, timeWords } from '@sallyport/case';
import { CaseLog, EffectLedger } from '@sallyport/case-log';
import type { MessageRef, Resolution } from '@sallyport/evidence';
import { asStageError } from '@sallyport/stage';
import { type AdaptiveCard, ConnectorClient } from '@sallyport/teams';
import { reviewEndCard } from './cards';
import { type ApprovalConfig, approvalConfigToken } from './config';
import { grownMessages } from './group-growth';
import type { Posted } from './messenger';

/** Tells in Teams that somebody has ended a manual review: on every notice that asked for somebody. */
@Injectable()
export class ReviewEnds {
  constructor(
    private readonly connector: ConnectorClient,
    private readonly log: CaseLog,
    private readonly effects: EffectLedger,
    @Inject(approvalConfigToken) private readonly config: Pick<ApprovalConfig, 'CONSOLE_URL'>,
  ) {}

  /** An update may be repeated, so no ledger is asked. @throws RetryableError, FatalError */
  async tell(c: Case): Promise<Posted> {
    const card = endCard(c, this.config.CONSOLE_URL);
    try {
      for (const message of [...(c.review?.messages ?? []), ...(await this.ofGrowth(c))])
        await this.connector.update(message, card, `Manual review ended: ${c.opened.ticketNumber}`);
    } catch (error) {
      throw asStageError(error);
    }
    return { messages: [...(c.review?.messages ?? [])], failure: null };
  }

  /** A lead was told of anew each time its group had doubled. */
  private async ofGrowth(c: Case): Promise<MessageRef[]> {
    if (!c.group?.leads) return [];
    return grownMessages(this.effects, c, (await this.log.groupMembers(c.id, 1)).count);
  }
}

const howWords: Readonly<Record<Resolution, string>> = {
  retry: 'Tried again',
  doneByHand: 'Done by hand, outside of Sallyport',
  close: 'Closed, nothing more is done',
};

function endCard(c: Case, consoleUrl: string | undefined): AdaptiveCard {
  const ended = c.review?.ended;
  if (!ended) throw new Error('the review has not ended');
  const said = ended.steps.map(
    ({ step, done }) => `${stepWords[step]}: by their word ${done ? 'done' : 'not done'}`,
  );
  const follows = ended.resolution === 'retry' ? retryWords(c, ended.at) : [];
  return reviewEndCard(c, {
    ...{ how: howWords[ended.resolution], by: ended.personName, note: ended.note, consoleUrl },
    at: timeWords(ended.at),
    lines: [...said, ...follows],
  });
}
