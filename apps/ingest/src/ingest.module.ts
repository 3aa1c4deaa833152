import { type DynamicModule, Module } from '@nestjs/common';
import { Leases, Watermarks } from '@sallyport/case-log';
import { type Clock, clockToken, registryToken } from '@sallyport/service';
import { createServiceNowClient, TicketIntake, TicketReader } from '@sallyport/servicenow';
import type { Registry } from 'prom-client';
import { DataSource } from 'typeorm';
import { AlertIntake } from './alert-intake';
import { AlertTickets } from './alert-tickets';
import { Backfill } from './backfill';
import { BackfillMetrics } from './backfill-metrics';
import { CaseOpener } from './case-opener';
import { type IngestConfig, ingestConfigToken } from './config';
import { IngestService } from './ingest.service';
import { WebhookVerifier } from './webhook-verifier';
import { alertVerifierToken, ticketVerifierToken, WebhooksController } from './webhooks.controller';

@Module({})
export class IngestModule {
  static with(config: IngestConfig): DynamicModule {
    const serviceNow = createServiceNowClient({
      instanceUrl: config.SERVICENOW_URL,
      clientId: config.SERVICENOW_CLIENT_ID,
      clientSecret: config.SERVICENOW_CLIENT_SECRET,
    });
    return {
      module: IngestModule,
      controllers: [WebhooksController],
      providers: [
        { provide: ingestConfigToken, useValue: config },
        { provide: ticketVerifierToken, useValue: new WebhookVerifier(config.WEBHOOK_SECRETS) },
        { provide: alertVerifierToken, useValue: new WebhookVerifier(config.ALERT_WEBHOOK_SECRETS) },
        { provide: TicketIntake, useValue: new TicketIntake(serviceNow) },
        {
          provide: TicketReader,
          inject: [clockToken],
          useFactory: (clock: Clock) => new TicketReader(serviceNow, clock),
        },
        { provide: Watermarks, inject: [DataSource], useFactory: (db: DataSource) => new Watermarks(db) },
        { provide: Leases, inject: [DataSource], useFactory: (db: DataSource) => new Leases(db) },
        {
          provide: BackfillMetrics,
          inject: [registryToken],
          useFactory: (registry: Registry) => new BackfillMetrics(registry),
        },
        CaseOpener,
        IngestService,
        AlertTickets,
        AlertIntake,
        Backfill,
      ],
    };
  }
}
