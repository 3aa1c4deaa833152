import { Body, Controller, Headers, HttpCode, Inject, Post } from '@nestjs/common';
import { CaseLogDamaged } from '@sallyport/case-log';
import { type Logger, loggerToken, Problem } from '@sallyport/service';
import {
  errorAnswer,
  type Gate,
  GateRefusal,
  type InvokeActivity,
  type InvokeAnswer,
} from '@sallyport/teams';
import { json } from 'express';
import { Clicks } from './clicks';

export const gateToken = Symbol('activity gate');

/** An invoke is a few KB; a comment adds at most half of one. */
const maxBody = '64kb';

/** Reads the bodies of activities, and no larger ones. */
export const activityBodies = () => json({ limit: maxBody });

/** True before and after the vote is stored: whoever is not sure clicks again, and is shown what stands. */
const failed =
  'This click could not be answered. Please click again: a vote counts once, however often you click.';
const damaged =
  'The log of this case is damaged, so nobody can vote on it. Please tell the owners of Sallyport.';

/** The bot's endpoint. Nothing is looked at before the gate has let it through, and only POST does anything. */
@Controller('api/messages')
export class MessagesController {
  constructor(
    @Inject(gateToken) private readonly gate: Gate,
    private readonly clicks: Clicks,
    @Inject(loggerToken) private readonly logger: Logger,
  ) {}

  @Post()
  @HttpCode(200)
  async receive(
    @Headers('authorization') authorization: string | undefined,
    @Body() body: unknown,
  ): Promise<InvokeAnswer> {
    try {
      return await this.answer(await this.gate.verify(authorization, body));
    } catch (error) {
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
  private async answer(activity: InvokeActivity): Promise<InvokeAnswer> {
    try {
      return await this.clicks.click(activity);
    } catch (error) {
      if (error instanceof GateRefusal) throw error;
      this.logger.error({ err: error }, 'a click was not answered');
      return error instanceof CaseLogDamaged
        ? errorAnswer(500, error.code, damaged)
        : errorAnswer(500, 'failed', failed);
    }
  }
}
