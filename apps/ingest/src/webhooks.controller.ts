import { Body, Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Problem } from '@sallyport/service';
import { IngestService, type Receipt } from './ingest.service';
import { WebhookVerifier } from './webhook-verifier';

/** What the sender is asked to wait after a 503. A database comes back within seconds or not for minutes. */
const retryAfterSeconds = 30;

@Controller('webhooks')
export class WebhooksController {
  constructor(
    private readonly verifier: WebhookVerifier,
    private readonly ingest: IngestService,
  ) {}

  /** A ServiceNow incident was created or changed. Body: see `ticketWebhookSchema`, signed after Standard Webhooks. */
  @Post('tickets')
  @HttpCode(202)
  async ticket(
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
    @Body() body: unknown,
  ): Promise<Receipt> {
    if (!Buffer.isBuffer(body) || body.length === 0)
      throw new Problem(400, 'noBody', 'No body', 'Send the signed message as the body.');
    try {
      return await this.ingest.receiveTicket(this.verifier.verify(body, request.headers));
    } catch (error) {
      if (error instanceof Problem && error.status === 503)
        response.setHeader('Retry-After', retryAfterSeconds);
      throw error;
    }
  }
}
