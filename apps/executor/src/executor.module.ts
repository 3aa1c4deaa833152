import { type DynamicModule, Module } from '@nestjs/common';
import { AccountReader, AccountWriter } from '@sallyport/entra';
import { graphClientFrom, readPack } from '@sallyport/stage';
import { ApprovalCheck } from './approval-check';
import type { ExecutorConfig } from './config';
import { ExecutorHandler } from './executor.handler';
import { Steps } from './steps';

@Module({})
export class ExecutorModule {
  /** @throws PackError for a policy pack that does not validate: nothing may be executed without one */
  static with(config: ExecutorConfig): DynamicModule {
    const graph = graphClientFrom(config, { priority: 'release' });
    const steps = new Steps(
      new AccountWriter(graph),
      new AccountReader(graph),
      config.READ_BACK_PATIENCE_SECONDS * 1_000,
      config.READ_BACK_INTERVAL_SECONDS * 1_000,
    );
    const approvals = new ApprovalCheck(graph, config, readPack(config.POLICY_PACK));
    return {
      module: ExecutorModule,
      controllers: [ExecutorHandler],
      providers: [
        { provide: Steps, useValue: steps },
        { provide: ApprovalCheck, useValue: approvals },
      ],
    };
  }
}
