/** For specs only: the smallest service there can be, run in a process of its own. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { OnApplicationShutdown } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { z } from 'zod';
import { createClock } from './clock';
import { env, readConfig, serviceEnv } from './config';
import { createLogger } from './logging';
import { listen, runService } from './serve';

const schema = z.object({
  ...serviceEnv,
  PORT: env.port(0),
  CLIENT_SECRET: env.secret(),
  TENANT_ID: env.guid(),
  /** Where this fixture is to misbehave. */
  FAULT: z.enum(['start', 'slowStart', 'stop', 'slowStop']).optional(),
});

/** What a store does that is slow to let go, or does not. */
class Store implements OnApplicationShutdown {
  constructor(private readonly fault: string | undefined) {}

  async onApplicationShutdown(): Promise<void> {
    if (this.fault === 'slowStop') await sleep(500);
    if (this.fault === 'stop') throw new Error('the store would not let go');
  }
}

void runService(async () => {
  const config = readConfig('small', schema, process.env);
  createClock(config.SALLYPORT_CLOCK_FILE, config.NODE_ENV);
  const logger = createLogger('small', config.LOG_LEVEL);
  const root = {
    module: class SmallModule {},
    providers: [{ provide: Store, useValue: new Store(config.FAULT) }],
  };
  const app = await NestFactory.create(root, { logger: false, abortOnError: false });
  await listen(app, logger, config);
  if (config.FAULT === 'slowStart') await sleep(500);
  if (config.FAULT === 'start') throw new Error('no migrations');
  return { app, logger };
});
