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
 * Runs one service until SIGTERM or SIGINT, also one that comes while the service still starts. A configuration mistake
 * ends the process with {@link configExitCode} and every problem on stderr.
 */
export async function runService(
  start: () => Promise<{ app: INestApplication; logger: Logger }>,
): Promise<void> {
  const starting = start();
  let stopping = false;
  const stop = async (signal: string) => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => {
      process.stderr.write(
        'work in hand did not end in time; its jobs will be taken up by another process\n',
      );
      process.exit(1);
    }, drainTimeoutMs).unref();
    const { app, logger } = await starting;
    logger.info({ signal }, 'stopping');
    await app.close().catch((error: unknown) => {
      logger.error({ err: error }, 'stopping failed');
      process.exit(1);
    });
    process.exit(0);
  };
  // A start that fails ends the process below, whoever else waits for it.
  const onSignal = (signal: string) => void stop(signal).catch(() => undefined);
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  try {
    await starting;
  } catch (error) {
    const badConfig = error instanceof ConfigError;
    const text = badConfig || !(error instanceof Error) ? messageOf(error) : (error.stack ?? error.message);
    process.stderr.write(`${text}\n`);
    process.exit(badConfig ? configExitCode : 1);
  }
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

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
