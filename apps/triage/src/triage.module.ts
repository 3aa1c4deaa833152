import { type DynamicModule, Module } from '@nestjs/common';
import { type Logger, loggerToken, registryToken } from '@sallyport/service';
import type { Registry } from 'prom-client';
import { watchAdvice } from './advice-metrics';
import { Advisor } from './advisor';
import type { ModelConfig } from './config';
import { modelFrom } from './model/endpoint';
import { TriageHandler } from './triage.handler';

@Module({})
export class TriageModule {
  static with(config: ModelConfig): DynamicModule {
    // How long an endpoint rests is a matter of real time, also where a rehearsal moves the clock.
    const model = modelFrom(config, () => performance.now());
    return {
      module: TriageModule,
      controllers: [TriageHandler],
      providers: [
        {
          provide: Advisor,
          inject: [registryToken, loggerToken],
          useFactory: (registry: Registry, logger: Logger) =>
            new Advisor(model, config.MODEL_MAY_SEE, watchAdvice(registry, logger)),
        },
      ],
    };
  }
}
