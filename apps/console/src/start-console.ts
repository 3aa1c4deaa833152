import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { queueBackend, registerQueueMetrics, StageQueues } from '@sallyport/queue';
import { createClock, createLogger, listen, type Logger, NestLogger, readConfig } from '@sallyport/service';
import { urlencoded } from 'express';
import { type VoterDirectory, voterDirectoryFrom } from '@sallyport/stage';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { board, boardPath } from './board';
import { boardGate } from './board-gate';
import { type ConsoleConfig, consoleConfig } from './config';
import { ConsoleModule } from './console.module';
import { IdentityProvider } from './identity-provider';
import { sameOriginOnly } from './same-origin';
import { Sessions } from './sessions';

const name = 'console';

/**
 * A vote is a few fields and a comment, the end of a review also a word for each step. Nothing here takes JSON, which a
 * page of another site could not send anyway.
 */
const formBody = urlencoded({ extended: false, limit: '16kb', parameterLimit: 16 });

/**
 * Boots the console. It waits for case log and queues, and not for the identity provider.
 * @param directoryFrom who is asked about voters
 * @throws ConfigError
 */
export async function startConsole(
  environment: NodeJS.ProcessEnv,
  directoryFrom: (config: ConsoleConfig) => VoterDirectory = voterDirectoryFrom,
): Promise<{ app: NestExpressApplication; logger: Logger; port: number }> {
  const config = readConfig(name, consoleConfig, environment);
  const logger = createLogger(name, config.LOG_LEVEL);
  const clock = createClock(config.SALLYPORT_CLOCK_FILE, config.NODE_ENV);
  const registry = new Registry();
  registry.setDefaultLabels({ service: name });
  collectDefaultMetrics({ register: registry });

  const sessions = new Sessions(config, clock);
  const provider = new IdentityProvider(config, logger);
  const queues = new StageQueues({ backend: queueBackend(config), logger });
  await queues.ready();
  registerQueueMetrics(registry, queues, logger);

  const app = await NestFactory.create<NestExpressApplication>(
    ConsoleModule.with({
      config,
      logger,
      registry,
      clock,
      queues,
      sessions,
      provider,
      directory: directoryFrom(config),
    }),
    { logger: new NestLogger(logger), bodyParser: false, abortOnError: false },
  );
  app.use(sameOriginOnly(config.PUBLIC_URL), ...sessions.middleware());
  app.use('/cases', formBody);
  const boards = { viewer: board(queues, 'viewer'), operator: board(queues, 'operator') };
  app.use(boardPath, boardGate(sessions, boards, logger));
  const port = await listen(app, logger, config);
  return { app, logger, port };
}
