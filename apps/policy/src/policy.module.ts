import { type DynamicModule, Module } from '@nestjs/common';
import { readPack } from '@sallyport/stage';
import { packToken, PolicyHandler } from './policy.handler';

@Module({})
export class PolicyModule {
  /** Loads the pack at boot: a pack that does not validate keeps the service from starting. @throws PackError */
  static with(config: { POLICY_PACK: string }): DynamicModule {
    return {
      module: PolicyModule,
      controllers: [PolicyHandler],
      providers: [{ provide: packToken, useValue: readPack(config.POLICY_PACK) }],
    };
  }
}
