import { type DynamicModule, Global, Module, type Provider } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CaseLog, caseLogOptions, EffectLedger } from '@sallyport/case-log';
import type { Stage } from '@sallyport/evidence';
import { type QueueBackend, StageQueues } from '@sallyport/queue';
import { clockToken, createClock, type Logger, loggerToken, OperationsModule } from '@sallyport/service';
import type { Registry } from 'prom-client';
import { DataSource } from 'typeorm';
import { Connections } from './connections';
import { DeadLetters } from './dead-letters';
import type { StageConfig } from './stage-env';
import { StageRunner } from './stage-runner';
import { Sweeper, sweeperOptionsToken } from './sweeper';

export interface StageParts {
  /** `ingest` writes the log and wakes others, but has no queue of its own. */
  name: Stage | 'ingest';
  config: StageConfig;
  logger: Logger;
  registry: Registry;
  backend: QueueBackend;
}

/** What a stage app is made of beside its own handler: log, queues, clock, sweeper, health. */
@Global()
@Module({})
export class StageModule {
  static with({ name, config, logger, registry, backend }: StageParts): DynamicModule {
    const queues = new StageQueues({ backend, logger });
    const shared: Provider[] = [
      { provide: clockToken, useValue: createClock(config.SALLYPORT_CLOCK_FILE, config.NODE_ENV) },
      { provide: loggerToken, useValue: logger },
      { provide: StageQueues, useValue: queues },
      { provide: CaseLog, inject: [DataSource], useFactory: (db: DataSource) => new CaseLog(db) },
      { provide: EffectLedger, inject: [DataSource], useFactory: (db: DataSource) => new EffectLedger(db) },
      StageRunner,
      DeadLetters,
    ];
    const sweeping: Provider[] =
      name === 'ingest'
        ? []
        : [
            Sweeper,
            {
              provide: sweeperOptionsToken,
              useValue: { stage: name, intervalMs: config.SWEEP_INTERVAL_SECONDS * 1_000 },
            },
          ];
    return {
      module: StageModule,
      imports: [
        TypeOrmModule.forRoot({
          ...caseLogOptions(config.DATABASE_URL, `sallyport-${name}`),
          // A database that comes up later than we do is normal on Kubernetes.
          retryAttempts: 10,
          retryDelay: 1_000,
        }),
        OperationsModule.with(registry),
      ],
      providers: [...shared, ...sweeping, Connections],
      exports: shared,
    };
  }
}
