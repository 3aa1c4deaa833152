import { type DynamicModule, Module } from '@nestjs/common';
import { AccountReader, AccountWriter } from '@sallyport/entra';
import { createServiceNowClient, TicketReader } from '@sallyport/servicenow';
import { packInForce, PackInForce } from '@sallyport/stage';
import { AccountAudit } from './account-audit';
import { ApprovalCheck } from './approval-check';
import type { ExecutorConfig } from './config';
import { DryRun } from './dry-run';
import { ExecutorHandler } from './executor.handler';
import { graphIdentities } from './graph-identities';
import { Steps } from './steps';
import { TicketCheck } from './ticket-check';
import { WatchTime } from './watch-time';

@Module({})
export class ExecutorModule {
  static with(config: ExecutorConfig): DynamicModule {
    const { containment: graph, release, ownAppIds } = graphIdentities(config);
    const serviceNow = createServiceNowClient({
      instanceUrl: config.SERVICENOW_URL,
      clientId: config.SERVICENOW_CLIENT_ID,
      clientSecret: config.SERVICENOW_CLIENT_SECRET,
    });
    const tickets = new TicketCheck(new TicketReader(serviceNow), config.TICKET_SUBJECT_FIELD);
    const steps = new Steps({
      writer: new AccountWriter(graph, release),
      reader: new AccountReader(graph),
      audit: new AccountAudit(graph, [...ownAppIds, ...config.OWN_APP_IDS]),
      patienceMs: config.READ_BACK_PATIENCE_SECONDS * 1_000,
      intervalMs: config.READ_BACK_INTERVAL_SECONDS * 1_000,
      dismissalsPerCall: config.DISMISSALS_PER_CALL,
    });
    return {
      module: ExecutorModule,
      controllers: [ExecutorHandler],
      providers: [
        { provide: Steps, useValue: steps },
        { provide: DryRun, useValue: new DryRun(config.DRY_RUN, config.DRY_RUN_CATEGORIES) },
        { provide: WatchTime, useValue: new WatchTime(config.WATCH_MINUTES * 60_000) },
        packInForce(config),
        {
          provide: ApprovalCheck,
          inject: [PackInForce],
          useFactory: (policy: PackInForce) =>
            new ApprovalCheck(graph, config, policy, tickets, config.LOG_WAIT_MINUTES * 60_000),
        },
      ],
    };
  }
}
