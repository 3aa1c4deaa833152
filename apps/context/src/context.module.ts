import { type DynamicModule, Module } from '@nestjs/common';
import { systemRuntime } from '@sallyport/entra';
import { SharedReads } from '@sallyport/entra/shared';
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
          useFactory: (clock: Clock) => {
            const graph = graphClientFrom(config, { batchDirectoryReads: true });
            const shared = new SharedReads(graph, { ...systemRuntime, now: clock });
            return new EvidenceCollector(graph, new TicketReader(serviceNow, clock), config, clock, shared);
          },
        },
      ],
    };
  }
}
