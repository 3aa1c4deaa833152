import { type DynamicModule, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CaseLog, caseLogOptions } from '@sallyport/case-log';
import { MembershipReader } from '@sallyport/entra';
import { StageQueues } from '@sallyport/queue';
import { type Clock, clockToken, type Logger, loggerToken, OperationsModule } from '@sallyport/service';
import {
  ApproverGroups,
  Connections,
  ReviewEndings,
  reviewRolesToken,
  roleGroups,
  roleGroupsToken,
  StageRunner,
  type VoterDirectory,
  Voting,
} from '@sallyport/stage';
import type { Registry } from 'prom-client';
import { DataSource } from 'typeorm';
import { CasesController } from './cases/cases.controller';
import { FormGuard } from './cases/form-guard';
import { ReviewController } from './cases/review.controller';
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
  directory: VoterDirectory;
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
      controllers: [HomeController, SignInController, CasesController, ReviewController],
      providers: [
        { provide: configToken, useValue: config },
        { provide: clockToken, useValue: clock },
        { provide: loggerToken, useValue: logger },
        { provide: CaseLog, inject: [DataSource], useFactory: (db: DataSource) => new CaseLog(db) },
        { provide: MembershipReader, useValue: directory.people },
        {
          provide: ApproverGroups,
          // Not a matter of readiness: cases can be looked at without the directory.
          useFactory: () =>
            new ApproverGroups({
              ...{ service: 'console', registry, logger, groups: roleGroups(config) },
              requirement: config.APPROVER_GROUPS_PROTECTED,
              protectionOf: directory.protectionOf,
            }),
        },
        { provide: roleGroupsToken, useValue: roleGroups(config) },
        { provide: FormTokens, useValue: new FormTokens(config) },
        StageRunner,
        Voting,
        { provide: reviewRolesToken, useValue: config.REVIEW_ROLES },
        ReviewEndings,
        FormGuard,
        { provide: StageQueues, useValue: queues },
        { provide: Sessions, useValue: sessions },
        { provide: IdentityProvider, useValue: provider },
        Connections,
        ProviderReadiness,
      ],
    };
  }
}
