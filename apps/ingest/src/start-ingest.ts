import type { INestApplication } from '@nestjs/common';
import type { Logger } from '@sallyport/service';
import { startStage } from '@sallyport/stage';
import { raw } from 'express';
import { ingestConfig } from './config';
import { IngestModule } from './ingest.module';

/** A ticket message is under 2 KB; this bounds what an unsigned sender can make us read. */
const maxBody = '64kb';

/** @throws ConfigError */
export function startIngest(): Promise<{ app: INestApplication; logger: Logger }> {
  return startStage({
    name: 'ingest',
    schema: ingestConfig,
    module: (config) => IngestModule.with(config),
    // Signatures are over the bytes as sent, so nothing may parse them first.
    configure: (app) => app.use('/webhooks', raw({ type: () => true, limit: maxBody })),
  });
}
