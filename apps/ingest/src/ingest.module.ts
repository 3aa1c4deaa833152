import { type DynamicModule, Module } from '@nestjs/common';
import type { IngestConfig } from './config';
import { ingestConfigToken, IngestService } from './ingest.service';
import { WebhookVerifier } from './webhook-verifier';
import { WebhooksController } from './webhooks.controller';

@Module({})
export class IngestModule {
  static with(config: IngestConfig): DynamicModule {
    return {
      module: IngestModule,
      controllers: [WebhooksController],
      providers: [
        { provide: ingestConfigToken, useValue: config },
        { provide: WebhookVerifier, useValue: new WebhookVerifier(config.WEBHOOK_SECRETS) },
        IngestService,
      ],
    };
  }
}
