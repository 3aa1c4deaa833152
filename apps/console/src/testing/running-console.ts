import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Job } from '@sallyport/evidence';
import { queueName, runQueueMigrations, StageQueues } from '@sallyport/queue';
import { jobIdFor } from '@sallyport/idempotency';
import { createPostgresBackend, type IQueueBackend, type ConnectionOptions, Worker } from 'bullmq';
import { testPostgres } from '../../../../tools/test-backends';
import { startConsole } from '../start-console';
import { Browser } from './browser';
import { client, type OidcProvider, startOidcProvider } from './oidc-provider';

export interface RunningConsole {
  url: string;
  provider: OidcProvider;
  /** The same queues, from outside. */
  queues: StageQueues;
  browser(): Browser;
  /** Makes `job` one that has failed for good, and the only one of its stage that does not wait. */
  fail(job: Job): Promise<void>;
  /** Moves the console's clock, from now on, to this long after the real one. */
  moveClock(offsetMs: number): void;
  close(): Promise<void>;
}

/** For specs only: the console as it boots, over queues in Postgres. */
export async function runConsole(overrides: NodeJS.ProcessEnv = {}): Promise<RunningConsole> {
  const [postgres, provider, port] = await Promise.all([testPostgres(), startOidcProvider(), freePort()]);
  await runQueueMigrations(postgres.ownerUrl, 'postgres');
  const dir = mkdtempSync(join(tmpdir(), 'sallyport-console-'));
  const clockFile = join(dir, 'clock');
  const url = `http://127.0.0.1:${port}`;
  const { app, logger } = await startConsole({
    NODE_ENV: 'test',
    LOG_LEVEL: 'silent',
    PORT: String(port),
    SALLYPORT_CLOCK_FILE: clockFile,
    DATABASE_URL: postgres.ownerUrl,
    OIDC_ISSUER: provider.issuer,
    OIDC_CLIENT_ID: client.id,
    OIDC_CLIENT_SECRET: client.secret,
    SESSION_SECRET: 'a secret of at least thirty-two characters',
    PUBLIC_URL: url,
    ...overrides,
  });
  const queues = new StageQueues({ backend: { kind: 'postgres', url: postgres.ownerUrl }, logger });
  await queues.ready();
  return {
    url,
    provider,
    async fail(job) {
      const queue = queues.queue(job.stage);
      // Whatever else waits would be taken first.
      await queue.drain(true);
      await queue.add(job.stage, job, { jobId: jobIdFor(job) });
      const worker = new Worker<Job, void, string, IQueueBackend, ConnectionOptions>(
        queueName(job.stage),
        null,
        { connection: {} },
        (name, options, more) =>
          createPostgresBackend(
            name,
            { ...options, connection: { connectionString: postgres.ownerUrl } },
            more,
          ),
      );
      worker.on('error', () => undefined);
      const taken = await worker.getNextJob('token', { block: false });
      await taken?.moveToFailed(new Error('graphUnavailable'), 'token');
      await worker.close();
    },
    queues,
    browser: () => new Browser(url),
    moveClock: (offsetMs) => writeFileSync(clockFile, String(offsetMs)),
    async close() {
      await app.close();
      await queues.close();
      await provider.close();
      await postgres.close();
      rmSync(dir, { recursive: true });
    },
  };
}

/** PUBLIC_URL names the port, so it must be known before the console listens. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
