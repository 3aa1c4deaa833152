import { Body, Controller, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Problem } from '@sallyport/service';
import { readAlert } from './alert';
import { AlertIntake, type AlertReceipt } from './alert-intake';
import type { Receipt } from './case-opener';
import { IngestService } from './ingest.service';
import { type VerifiedMessage, WebhookVerifier } from './webhook-verifier';

/** What the sender is asked to wait after a 503. A database comes back within seconds or not for minutes. */
const retryAfterSeconds = 30;

export const ticketVerifierToken = Symbol('verifier of ticket messages');
export const alertVerifierToken = Symbol('verifier of alerts');

@Controller('webhooks')
export class WebhooksController {
  constructor(
    @Inject(ticketVerifierToken) private readonly ticketVerifier: WebhookVerifier,
    @Inject(alertVerifierToken) private readonly alertVerifier: WebhookVerifier,
    private readonly ingest: IngestService,
    private readonly alerts: AlertIntake,
  ) {}

  /** A ServiceNow incident was created or changed. Body: see `ticketWebhookSchema`, signed after Standard Webhooks. */
  @Post('tickets')
  @HttpCode(202)
  ticket(
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
    @Body() body: unknown,
  ): Promise<Receipt> {
    return answered(response, () => this.ingest.receiveTicket(verified(this.ticketVerifier, request, body)));
  }

  /** A risk was detected. One CloudEvent of `alertType`, signed after Standard Webhooks with a secret of its own. */
  @Post('alerts')
  @HttpCode(202)
  alert(
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
    @Body() body: unknown,
  ): Promise<AlertReceipt> {
    return answered(response, () => {
      const message = verified(this.alertVerifier, request, body);
      return this.alerts.receive(readAlert(message, request.headers));
    });
  }
}

function verified(verifier: WebhookVerifier, request: Request, body: unknown): VerifiedMessage {
  if (!Buffer.isBuffer(body) || body.length === 0)
    throw new Problem(400, 'noBody', 'No body', 'Send the signed message as the body.');
  return verifier.verify(body, request.headers);
}

async function answered<T>(response: Response, receive: () => Promise<T>): Promise<T> {
  try {
    return await receive();
  } catch (error) {
    if (error instanceof Problem && error.status === 503)
      response.setHeader('Retry-After', retryAfterSeconds);
    throw error;
  }
}
