import { type DynamicModule, Injectable, Module, type OnApplicationShutdown } from '@nestjs/common';
import { StageQueues } from '@sallyport/queue';
import { type Logger, loggerToken, OperationsModule, Readiness } from '@sallyport/service';
import type { Registry } from 'prom-client';
import { type ConsoleConfig, configToken } from './config';
import { HomeController } from './home.controller';
import { IdentityProvider } from './identity-provider';
import { Sessions } from './sessions';
import { SignInController } from './sign-in.controller';

/** Tells readiness what the console cannot work without, and lets go of the queues last. */
@Injectable()
class Connections implements OnApplicationShutdown {
  constructor(
    private readonly queues: StageQueues,
    provider: IdentityProvider,
    readiness: Readiness,
  ) {
    readiness.needs('queue', () => queues.ping());
    readiness.needs('identity provider', () => provider.ready());
  }

  async onApplicationShutdown(): Promise<void> {
    await this.queues.close();
  }
}

export interface ConsoleParts {
  config: ConsoleConfig;
  logger: Logger;
  registry: Registry;
  queues: StageQueues;
  sessions: Sessions;
  provider: IdentityProvider;
}

@Module({})
export class ConsoleModule {
  static with({ config, logger, registry, queues, sessions, provider }: ConsoleParts): DynamicModule {
    return {
      module: ConsoleModule,
      imports: [OperationsModule.with(registry)],
      controllers: [HomeController, SignInController],
      providers: [
        { provide: configToken, useValue: config },
        { provide: loggerToken, useValue: logger },
        { provide: StageQueues, useValue: queues },
        { provide: Sessions, useValue: sessions },
        { provide: IdentityProvider, useValue: provider },
        Connections,
      ],
    };
  }
}
