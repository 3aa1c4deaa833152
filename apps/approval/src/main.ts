import 'reflect-metadata';
import { runService } from '@sallyport/service';
import { startStage } from '@sallyport/stage';
import { json } from 'express';
import { ApprovalModule } from './approval.module';
import { approvalConfig } from './config';

/** An invoke is a few KB; a comment adds at most half of one. */
const maxBody = '64kb';

void runService(() =>
  startStage({
    name: 'approval',
    schema: approvalConfig,
    module: (config) => ApprovalModule.with(config),
    configure: (app) => app.use('/api/messages', json({ limit: maxBody })),
  }),
);
