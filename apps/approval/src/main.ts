import 'reflect-metadata';
import { runService } from '@sallyport/service';
import { startStage } from '@sallyport/stage';
import { ApprovalModule } from './approval.module';
import { approvalConfig } from './config';
import { activityBodies } from './messages.controller';

void runService(() =>
  startStage({
    name: 'approval',
    schema: approvalConfig,
    module: (config) => ApprovalModule.with(config),
    configure: (app) => app.use('/api/messages', activityBodies()),
  }),
);
