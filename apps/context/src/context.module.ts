import { type DynamicModule, Module } from '@nestjs/common';
import { type Clock, clockToken } from '@sallyport/service';
import { createServiceNowClient, TicketReader } from '@sallyport/servicenow';
import { graphClientFrom } from '@sallyport/stage';
import type { ContextConfig } from './config';
import { ContextHandler } from './context.handler';
import { EvidenceCollector } from './evidence-collector';

@Module({})
export class ContextModule {
  static with(config: ContextConfig): DynamicModule {
    const serviceNow = createServiceNowClient({
      instanceUrl: config.SERVICENOW_URL,
      clientId: config.SERVICENOW_CLIENT_ID,
      clientSecret: config.SERVICENOW_CLIENT_SECRET,
    });
    return {
      module: ContextModule,
      controllers: [ContextHandler],
      providers: [
        {
          provide: EvidenceCollector,
          inject: [clockToken],
          useFactory: (clock: Clock) =>
            new EvidenceCollector(
              graphClientFrom(config),
              new TicketReader(serviceNow, clock),
              config,
              clock,
            ),
        },
      ],
    };
  }
}
