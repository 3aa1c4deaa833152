import { type DynamicModule, Module } from '@nestjs/common';
import { CaseLog } from '@sallyport/case-log';
import { systemRuntime } from '@sallyport/entra';
import { SharedReads } from '@sallyport/entra/shared';
import { type Clock, clockToken } from '@sallyport/service';
import { createServiceNowClient, TicketReader } from '@sallyport/servicenow';
import { graphClientFrom } from '@sallyport/stage';
import type { ContextConfig } from './config';
import { ContextHandler } from './context.handler';
import { EvidenceCollector } from './evidence-collector';
import { Watcher } from './watcher';

@Module({})
export class ContextModule {
  static with(config: ContextConfig): DynamicModule {
    const graph = graphClientFrom(config, { batchDirectoryReads: true });
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
          provide: SharedReads,
          inject: [clockToken],
          useFactory: (clock: Clock) => new SharedReads(graph, { ...systemRuntime, now: clock }),
        },
        {
          provide: Watcher,
          inject: [SharedReads, clockToken, CaseLog],
          useFactory: (shared: SharedReads, clock: Clock, log: CaseLog) =>
            new Watcher(graph, shared, clock, config.WATCH_INTERVAL_SECONDS * 1_000, () =>
              log.clockAheadMs(),
            ),
        },
        {
          provide: EvidenceCollector,
          inject: [SharedReads, clockToken],
          useFactory: (shared: SharedReads, clock: Clock) => {
            return new EvidenceCollector(graph, new TicketReader(serviceNow, clock), config, clock, shared);
          },
        },
      ],
    };
  }
}
