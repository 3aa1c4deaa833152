import { type DynamicModule, Module } from '@nestjs/common';
import { packInForce } from '@sallyport/stage';
import { type PolicyConfig, policyConfigToken } from './config';
import { Groups } from './groups';
import { PolicyHandler } from './policy.handler';

@Module({})
export class PolicyModule {
  static with(
    config: Pick<PolicyConfig, 'POLICY_PACK' | 'POLICY_RELOAD_SECONDS' | 'GROUP_WINDOW_MINUTES'> &
      Partial<Pick<PolicyConfig, 'CONTAIN_BY'>>,
  ): DynamicModule {
    return {
      module: PolicyModule,
      controllers: [PolicyHandler],
      providers: [packInForce(config), { provide: policyConfigToken, useValue: config }, Groups],
    };
  }
}
