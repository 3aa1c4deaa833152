import { type DynamicModule, Module } from '@nestjs/common';
import { type PackConfig, packInForce } from '@sallyport/stage';
import { PolicyHandler } from './policy.handler';

@Module({})
export class PolicyModule {
  /** Loads the pack at boot: a pack that does not validate keeps the service from starting. @throws PackError */
  static with(config: PackConfig): DynamicModule {
    return {
      module: PolicyModule,
      controllers: [PolicyHandler],
      providers: [packInForce(config)],
    };
  }
}
