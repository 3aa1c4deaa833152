import { type DynamicModule, Module } from '@nestjs/common';
import { AccountReader, AccountWriter } from '@sallyport/entra';
import { createServiceNowClient, TicketReader } from '@sallyport/servicenow';
import { graphClientFrom, packInForce, PackInForce } from '@sallyport/stage';
import { AccountAudit } from './account-audit';
import { ApprovalCheck } from './approval-check';
import type { ExecutorConfig } from './config';
import { DryRun } from './dry-run';
import { ExecutorHandler } from './executor.handler';
import { Steps } from './steps';
import { TicketCheck } from './ticket-check';

@Module({})
export class ExecutorModule {
  /** @throws PackError for a policy pack that does not validate: nothing may be executed without one */
  static with(config: ExecutorConfig): DynamicModule {
    const graph = graphClientFrom(config, { priority: 'release' });
    const release = releaseIdentity(config);
    const serviceNow = createServiceNowClient({
      instanceUrl: config.SERVICENOW_URL,
      clientId: config.SERVICENOW_CLIENT_ID,
      clientSecret: config.SERVICENOW_CLIENT_SECRET,
    });
    const tickets = new TicketCheck(new TicketReader(serviceNow), config.TICKET_SUBJECT_FIELD);
    const ownAppIds = [config.ENTRA_CLIENT_ID, ...(release ? [release.ENTRA_CLIENT_ID] : [])];
    const steps = new Steps({
      writer: new AccountWriter(graph, release ? graphClientFrom({ ...config, ...release }) : graph),
      reader: new AccountReader(graph),
      audit: new AccountAudit(graph, [...ownAppIds, ...config.OWN_APP_IDS]),
      patienceMs: config.READ_BACK_PATIENCE_SECONDS * 1_000,
      intervalMs: config.READ_BACK_INTERVAL_SECONDS * 1_000,
    });
    return {
      module: ExecutorModule,
      controllers: [ExecutorHandler],
      providers: [
        { provide: Steps, useValue: steps },
        { provide: DryRun, useValue: new DryRun(config.DRY_RUN, config.DRY_RUN_CATEGORIES) },
        packInForce(config),
        {
          provide: ApprovalCheck,
          inject: [PackInForce],
          useFactory: (policy: PackInForce) => new ApprovalCheck(graph, config, policy, tickets),
        },
      ],
    };
  }
}

/** Who loosens, where that is not who tightens. */
function releaseIdentity(config: ExecutorConfig) {
  const { RELEASE_ENTRA_CLIENT_ID: id, RELEASE_ENTRA_CLIENT_SECRET: secret } = config;
  return id && secret ? { ENTRA_CLIENT_ID: id, ENTRA_CLIENT_SECRET: secret } : null;
}
