import { Body, Controller, Headers, HttpCode, Inject, Post } from '@nestjs/common';
import { Problem } from '@sallyport/service';
import { type Gate, GateRefusal, type InvokeAnswer } from '@sallyport/teams';
import { Voting } from './voting';

export const gateToken = Symbol('activity gate');

/** The bot's endpoint. Nothing is looked at before the gate has let it through, and only POST does anything. */
@Controller('api/messages')
export class MessagesController {
  constructor(
    @Inject(gateToken) private readonly gate: Gate,
    private readonly voting: Voting,
  ) {}

  @Post()
  @HttpCode(200)
  async receive(
    @Headers('authorization') authorization: string | undefined,
    @Body() body: unknown,
  ): Promise<InvokeAnswer> {
    try {
      return await this.voting.click(await this.gate.verify(authorization, body));
    } catch (error) {
      if (!(error instanceof GateRefusal)) throw error;
      throw new Problem(
        error.status,
        error.code,
        'Not accepted',
        'The activity was not accepted. Nothing was recorded.',
      );
    }
  }
}
