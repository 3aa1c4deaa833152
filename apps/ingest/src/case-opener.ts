import { Inject, Injectable } from '@nestjs/common';
import { CaseLog } from '@sallyport/case-log';
import type { EventOf } from '@sallyport/evidence';
import { caseIdFor } from '@sallyport/idempotency';
import { StageQueues } from '@sallyport/queue';
import { type Clock, clockToken, type Logger, loggerToken, Problem } from '@sallyport/service';

export interface Receipt {
  caseId: string;
  /** `opened`: this message opened the case. `alreadyOpen`: another did. `repeated`: this very message came before. */
  status: 'opened' | 'alreadyOpen' | 'repeated';
}

/** What a case is about, and which message tells of it. */
export interface Opening {
  instance: string;
  ticketSysId: string;
  ticketNumber: string;
  episode: string;
  origin: EventOf<'case.opened'>['origin'];
  messageId: string;
  bodyDigest: string;
}

/** Opens at most one case per ticket and risk episode, whoever tells of it and however often. */
@Injectable()
export class CaseOpener {
  constructor(
    private readonly log: CaseLog,
    private readonly queues: StageQueues,
    @Inject(clockToken) private readonly clock: Clock,
    @Inject(loggerToken) private readonly logger: Logger,
  ) {}

  /** The receipt of a message that came before, or null. @throws Problem 409 for the same id with another body */
  async repeated(messageId: string, bodyDigest: string): Promise<Receipt | null> {
    const known = await this.stored(() => this.log.receivedMessage(messageId));
    if (!known) return null;
    if (known.bodyDigest === bodyDigest) return { caseId: known.caseId, status: 'repeated' };
    throw new Problem(
      409,
      'messageIdReused',
      'Message id reused',
      'A message with this id came before with another body.',
    );
  }

  /** Answers only after the case is stored. @throws Problem 503 */
  async open({ bodyDigest, ...about }: Opening): Promise<Receipt> {
    const { instance, ticketSysId, episode } = about;
    const caseId = caseIdFor({ instance, ticketSysId, episode });
    const at = this.clock().toISOString();
    const opened: EventOf<'case.opened'> = { type: 'case.opened', v: 1, at, caseId, ...about };
    const isNew = await this.stored(() => this.log.open(opened, { bodyDigest, receivedAt: at }));
    if (isNew) await this.wake(caseId);
    return { caseId, status: isNew ? 'opened' : 'alreadyOpen' };
  }

  /** Whatever keeps the log from answering is ours to repair and the sender's to wait for. @throws Problem 503 */
  async stored<T>(use: () => Promise<T>): Promise<T> {
    try {
      return await use();
    } catch (error) {
      this.logger.error({ err: error }, 'the case log did not answer');
      throw new Problem(
        503,
        'caseLogUnavailable',
        'Case log unavailable',
        'The message could not be stored. Send it again with the same webhook-id; a repeat does no harm.',
      );
    }
  }

  /** The case is stored; a queue that cannot be reached only delays it until the context stage's next sweep. */
  private async wake(caseId: string): Promise<void> {
    try {
      await this.queues.wake({ caseId, stage: 'context', seq: 1 });
    } catch (error) {
      this.logger.warn({ err: error, caseId }, 'wake-up not sent; the sweeper will');
    }
  }
}
