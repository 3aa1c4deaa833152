import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { CaseLog } from '@sallyport/case-log';
import { StageQueues } from '@sallyport/queue';
import { Readiness } from '@sallyport/service';

/** Tells readiness what a stage cannot work without, and lets go of the queues last. */
@Injectable()
export class Connections implements OnApplicationShutdown {
  constructor(
    log: CaseLog,
    private readonly queues: StageQueues,
    readiness: Readiness,
  ) {
    readiness.needs('case log', () => log.ping());
    readiness.needs('queue', () => queues.ping());
  }

  async onApplicationShutdown(): Promise<void> {
    await this.queues.close();
  }
}
