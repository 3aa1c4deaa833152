import 'reflect-metadata';
import { runService } from '@sallyport/service';
import { startStage } from '@sallyport/stage';
import { AuditModule } from './audit.module';
import { auditConfig } from './config';

void runService(() =>
  startStage({ name: 'audit', schema: auditConfig, module: (config) => AuditModule.with(config) }),
);
