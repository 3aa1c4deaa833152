import 'reflect-metadata';
import { runService } from '@sallyport/service';
import { startStage } from '@sallyport/stage';
import { policyConfig } from './config';
import { PolicyModule } from './policy.module';

void runService(() =>
  startStage({ name: 'policy', schema: policyConfig, module: (config) => PolicyModule.with(config) }),
);
