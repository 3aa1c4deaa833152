import { Body, Controller, HttpCode, Post, Req } from '@nestjs/common';
import type { Request } from 'express';
import { Problem } from '@sallyport/service';
import { IngestService, type Receipt } from './ingest.service';
import { WebhookVerifier } from './webhook-verifier';

@Controller('webhooks')
export class WebhooksController {
  constructor(
    private readonly verifier: WebhookVerifier,
    private readonly ingest: IngestService,
  ) {}

  /** A ServiceNow incident was created or changed. Body: see `ticketWebhookSchema`, signed after Standard Webhooks. */
  @Post('tickets')
  @HttpCode(202)
  ticket(@Req() request: Request, @Body() body: unknown): Promise<Receipt> {
    if (!Buffer.isBuffer(body))
      throw new Problem(400, 'noBody', 'No body', 'Send the signed message as the body.');
    return this.ingest.receiveTicket(this.verifier.verify(body, request.headers));
  }
}
