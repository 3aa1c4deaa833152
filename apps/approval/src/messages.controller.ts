import { Body, Controller, Headers, HttpCode, Inject, Post } from '@nestjs/common';
import { CaseLogDamaged } from '@sallyport/case-log';
import { type Logger, loggerToken, Problem } from '@sallyport/service';
import {
  errorAnswer,
  type Gate,
  GateRefusal,
  type InvokeActivity,
  type InvokeAnswer,
  messageAnswer,
} from '@sallyport/teams';
import { json } from 'express';
import { refusals } from '@sallyport/case';
import { ClickMeter, type ClickOutcome } from './click-meter';
import { type Answered, Clicks, unknownCard } from './clicks';

export const gateToken = Symbol('activity gate');

/** An invoke is a few KB; a comment adds at most half of one. */
const maxBody = '64kb';

/** Reads the bodies of activities, and no larger ones. */
export const activityBodies = () => json({ limit: maxBody });

/** True before and after the vote is stored: whoever is not sure clicks again, and is shown what stands. */
const failed =
  'This click could not be answered. Please click again: a vote counts once, however often you click.';

/** Told already, by whoever knows more of it; cards that are shown are too many to tell. */
const logged = (outcome: ClickOutcome) => outcome === 'shown' || outcome in refusals;

/** The bot's endpoint. Nothing is looked at before the gate has let it through, and only POST does anything. */
@Controller('api/messages')
export class MessagesController {
  // All by name, so that a bundle without the types' metadata can have it as well: tools/bench/approval.ts.
  constructor(
    @Inject(gateToken) private readonly gate: Gate,
    @Inject(Clicks) private readonly clicks: Clicks,
    @Inject(ClickMeter) private readonly meter: ClickMeter,
    @Inject(loggerToken) private readonly logger: Logger,
  ) {}

  @Post()
  @HttpCode(200)
  async receive(
    @Headers('authorization') authorization: string | undefined,
    @Body() body: unknown,
  ): Promise<InvokeAnswer> {
    const ended = this.meter.begin();
    try {
      const { answer, outcome } = await this.answer(await this.gate.verify(authorization, body));
      ended(outcome);
      if (!logged(outcome)) this.logger.info({ outcome }, 'a click was answered');
      return answer;
    } catch (error) {
      ended(error instanceof GateRefusal ? error.code : 'failed');
      if (!(error instanceof GateRefusal)) throw error;
      this.logger.warn({ err: error, status: error.status }, 'an activity did not pass the gate');
      throw new Problem(
        error.status,
        error.code,
        'Not accepted',
        'The activity was not accepted. Nothing was recorded.',
      );
    }
  }

  /**
   * Teams shows the words of an answer to the person who clicked, and of anything else than an answer that the app cannot
   * be reached.
   */
  private async answer(activity: InvokeActivity): Promise<Answered> {
    try {
      return await this.clicks.click(activity);
    } catch (error) {
      if (error instanceof GateRefusal) throw error;
      if (error instanceof CaseLogDamaged) {
        // Whether the card was ever shown to whoever clicked cannot be told without the log. They hear what they would hear
        // of a case that is not there; operators read which it is, and see it counted.
        this.logger.error({ err: error }, 'a click on a case whose log is damaged');
        return { answer: messageAnswer(unknownCard), outcome: error.code };
      }
      this.logger.error({ err: error }, 'a click was not answered');
      return { answer: errorAnswer(500, 'failed', failed), outcome: 'failed' };
    }
  }
}
