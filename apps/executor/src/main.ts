import 'reflect-metadata';
import { runService } from '@sallyport/service';
import { startStage } from '@sallyport/stage';
import { executorConfig } from './config';
import { ExecutorModule } from './executor.module';

void runService(() =>
  startStage({ name: 'executor', schema: executorConfig, module: (config) => ExecutorModule.with(config) }),
);
