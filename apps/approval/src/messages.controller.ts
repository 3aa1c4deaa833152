import { Body, Controller, Headers, HttpCode, Inject, Post } from '@nestjs/common';
import { type Logger, loggerToken, Problem } from '@sallyport/service';
import { type Gate, GateRefusal, type InvokeAnswer } from '@sallyport/teams';
import { json } from 'express';
import { Clicks } from './clicks';

export const gateToken = Symbol('activity gate');

/** An invoke is a few KB; a comment adds at most half of one. */
const maxBody = '64kb';

/** Reads the bodies of activities, and no larger ones. */
export const activityBodies = () => json({ limit: maxBody });

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
      return await this.clicks.click(await this.gate.verify(authorization, body));
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
}
