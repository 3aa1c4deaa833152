/** For specs only: the smallest service there can be, run in a process of its own. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Module } from '@nestjs/common';
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
  FAULT: z.enum(['start', 'stop', 'slowStop']).optional(),
});

@Module({})
class SmallModule {}

void runService(async () => {
  const config = readConfig('small', schema, process.env);
  createClock(config.SALLYPORT_CLOCK_FILE, config.NODE_ENV);
  const logger = createLogger('small', config.LOG_LEVEL);
  const app = await NestFactory.create(SmallModule, { logger: false });
  const close = app.close.bind(app);
  app.close = async (signal) => {
    if (config.FAULT === 'slowStop') await sleep(500);
    await close(signal);
    if (config.FAULT === 'stop') throw new Error('the store would not let go');
  };
  await listen(app, logger, config);
  if (config.FAULT === 'start') throw new Error('no migrations');
  return { app, logger };
});
