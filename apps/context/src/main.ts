import 'reflect-metadata';
import { runService } from '@sallyport/service';
import { startStage } from '@sallyport/stage';
import { contextConfig } from './config';
import { ContextModule } from './context.module';

void runService(() =>
  startStage({ name: 'context', schema: contextConfig, module: (config) => ContextModule.with(config) }),
);
