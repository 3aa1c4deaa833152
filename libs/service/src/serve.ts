import { type INestApplication } from '@nestjs/common';
import { writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import helmet from 'helmet';
import { ConfigError, configExitCode } from './config';
import { type Logger, NestLogger } from './logging';
import { ProblemFilter } from './problem';

/** How long SIGTERM waits in all: longer than a queue's own drain (20 s), shorter than Kubernetes' 30 s. */
export const drainTimeoutMs = 25_000;

/**
 * Runs one service until SIGTERM or SIGINT. A configuration mistake ends the process with {@link configExitCode} and
 * every problem on stderr.
 */
export async function runService(
  start: () => Promise<{ app: INestApplication; logger: Logger }>,
): Promise<void> {
  try {
    const { app, logger } = await start();
    let stopping = false;
    const stop = (signal: string) => {
      if (stopping) return;
      stopping = true;
      logger.info({ signal }, 'stopping');
      const deadline = setTimeout(() => {
        logger.error('work in hand did not end in time; its jobs will be taken up by another process');
        process.exit(1);
      }, drainTimeoutMs);
      deadline.unref();
      app.close().then(
        () => process.exit(0),
        (error: unknown) => {
          logger.error({ err: error }, 'stopping failed');
          process.exit(1);
        },
      );
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
  } catch (error) {
    if (error instanceof ConfigError) {
      process.stderr.write(`${error.message}\n`);
      process.exit(configExitCode);
    }
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(1);
  }
}

/** Applies what every service's HTTP side shares, listens, and tells the launcher where. */
export async function listen(
  app: INestApplication,
  logger: Logger,
  config: { HOST: string; PORT: number; READY_FILE?: string | undefined },
): Promise<number> {
  app.useLogger(new NestLogger(logger));
  app.use(helmet());
  app.useGlobalFilters(new ProblemFilter(logger));
  await app.startAllMicroservices();
  await app.listen(config.PORT, config.HOST);
  const { port } = app.getHttpServer().address() as AddressInfo;
  logger.info({ port }, 'listening');
  if (config.READY_FILE) await writeFile(config.READY_FILE, JSON.stringify({ port, pid: process.pid }));
  return port;
}
