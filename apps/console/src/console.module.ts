import { type DynamicModule, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CaseLog, caseLogOptions } from '@sallyport/case-log';
import { MembershipReader } from '@sallyport/entra';
import { StageQueues } from '@sallyport/queue';
import { type Clock, clockToken, type Logger, loggerToken, OperationsModule } from '@sallyport/service';
import { Connections, roleGroups, roleGroupsToken, StageRunner, Voting } from '@sallyport/stage';
import type { Registry } from 'prom-client';
import { DataSource } from 'typeorm';
import { CasesController } from './cases/cases.controller';
import { type ConsoleConfig, configToken } from './config';
import { FormTokens } from './form-token';
import { HomeController } from './home.controller';
import { IdentityProvider } from './identity-provider';
import { ProviderReadiness } from './provider-readiness';
import { Sessions } from './sessions';
import { SignInController } from './sign-in.controller';

export interface ConsoleParts {
  config: ConsoleConfig;
  logger: Logger;
  registry: Registry;
  clock: Clock;
  queues: StageQueues;
  sessions: Sessions;
  provider: IdentityProvider;
  /** Who is asked about voters at the click. */
  directory: MembershipReader;
}

@Module({})
export class ConsoleModule {
  static with({
    config,
    logger,
    registry,
    clock,
    queues,
    sessions,
    provider,
    directory,
  }: ConsoleParts): DynamicModule {
    return {
      module: ConsoleModule,
      imports: [
        TypeOrmModule.forRoot({
          ...caseLogOptions(config.DATABASE_URL, 'sallyport-console'),
          // A database that comes up later than we do is normal on Kubernetes.
          retryAttempts: 10,
          retryDelay: 1_000,
        }),
        OperationsModule.with(registry),
      ],
      controllers: [HomeController, SignInController, CasesController],
      providers: [
        { provide: configToken, useValue: config },
        { provide: clockToken, useValue: clock },
        { provide: loggerToken, useValue: logger },
        { provide: CaseLog, inject: [DataSource], useFactory: (db: DataSource) => new CaseLog(db) },
        { provide: MembershipReader, useValue: directory },
        { provide: roleGroupsToken, useValue: roleGroups(config) },
        { provide: FormTokens, useValue: new FormTokens(config) },
        StageRunner,
        Voting,
        { provide: StageQueues, useValue: queues },
        { provide: Sessions, useValue: sessions },
        { provide: IdentityProvider, useValue: provider },
        Connections,
        ProviderReadiness,
      ],
    };
  }
}
