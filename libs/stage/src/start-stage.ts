import type { INestApplication, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { DynamicModule } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Stage } from '@sallyport/evidence';
import { queueBackend, registerQueueMetrics, StageQueues, StageTransport } from '@sallyport/queue';
import { createLogger, listen, type Logger, NestLogger, readConfig, Readiness } from '@sallyport/service';
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { z } from 'zod';
import { DeadLetters } from './dead-letters';
import { registerGraphMetrics } from './graph-metrics';
import type { StageConfig } from './stage-env';
import { StageModule } from './stage.module';

/**
 * Boots a stage app: reads its environment, builds its module on top of {@link StageModule}, attaches its queue and
 * listens. `ingest` has no queue of its own.
 * @throws ConfigError
 */
export async function startStage<S extends z.ZodType<StageConfig>>(options: {
  name: Stage | 'ingest';
  schema: S;
  module: (config: z.output<S>) => DynamicModule | Promise<DynamicModule>;
  /** For routes that need the bytes as they were sent. */
  configure?: (app: NestExpressApplication) => void;
}): Promise<{ app: INestApplication; logger: Logger }> {
  const { name } = options;
  const config = readConfig(name, options.schema, process.env);
  const logger = createLogger(name, config.LOG_LEVEL);
  const registry = new Registry();
  registry.setDefaultLabels({ service: name });
  collectDefaultMetrics({ register: registry });
  registerGraphMetrics(registry);
  const backend = queueBackend(config);

  const root: DynamicModule = {
    module: class StageApp {} as Type,
    imports: [StageModule.with({ name, config, logger, registry, backend }), await options.module(config)],
  };
  const app = await NestFactory.create<NestExpressApplication>(root, {
    logger: new NestLogger(logger),
    bodyParser: false,
    abortOnError: false,
  });
  options.configure?.(app);
  const queues = app.get(StageQueues);
  await queues.ready();
  registerQueueMetrics(registry, queues, logger, name === 'ingest' ? [] : [name]);
  if (name !== 'ingest') {
    const deadLetters = app.get(DeadLetters);
    app.connectMicroservice({
      strategy: new StageTransport({
        stage: name,
        backend,
        concurrency: config.CONCURRENCY,
        onDead: async (job, dead) => void (await deadLetters.handOver(job, dead)),
        logger,
        metrics: registry,
        first: Promise.all(app.get(Readiness).first),
      }),
    });
  }
  await listen(app, logger, config);
  return { app, logger };
}
