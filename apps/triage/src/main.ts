import 'reflect-metadata';
import { runService } from '@sallyport/service';
import { startStage } from '@sallyport/stage';
import { triageConfig } from './config';
import { TriageModule } from './triage.module';

void runService(() =>
  startStage({ name: 'triage', schema: triageConfig, module: () => ({ module: TriageModule }) }),
);
