import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Job } from '@sallyport/evidence';
import { queueName } from '@sallyport/queue';
import { sampleId } from '@sallyport/evidence/testing';
import { jobIdFor } from '@sallyport/idempotency';
import { createPostgresBackend, type IQueueBackend, type ConnectionOptions, Worker } from 'bullmq';
import { type StageRig, stageRig } from '@sallyport/stage/testing';
import { startConsole } from '../start-console';
import { Browser } from './browser';
import { type Directory, roleGroupIds, startDirectory } from './directory';
import { client, type OidcProvider, startOidcProvider } from './oidc-provider';

const sessionSecret = 'a secret of at least thirty-two characters';

export interface RunningConsole {
  url: string;
  sessionSecret: string;
  provider: OidcProvider;
  /** Case log and queues, from outside. */
  rig: StageRig;
  queues: StageRig['queues'];
  directory: Directory;
  browser(): Browser;
  /** Makes `job` one that has failed for good, and the only one of its stage that does not wait. */
  fail(job: Job): Promise<void>;
  /** Moves the console's clock, from now on, to this long after the real one. */
  moveClock(offsetMs: number): void;
  close(): Promise<void>;
}

/**
 * For specs only: the console as it boots, over case log and queues in Postgres.
 * @param groups what it finds the approver groups to be
 */
export async function runConsole(
  overrides: NodeJS.ProcessEnv = {},
  groups: Directory['world']['groups'] = 'protected',
): Promise<RunningConsole> {
  const [rig, provider, directory] = await Promise.all([stageRig(), startOidcProvider(), startDirectory()]);
  // As late as can be: until the console listens, the port may be taken by somebody else.
  const port = await freePort();
  directory.world.groups = groups;
  const { queues } = rig;
  const databaseUrl = 'url' in rig.db.options ? (rig.db.options.url ?? '') : '';
  const dir = mkdtempSync(join(tmpdir(), 'sallyport-console-'));
  const clockFile = join(dir, 'clock');
  const url = `http://127.0.0.1:${port}`;
  const environment = {
    NODE_ENV: 'test',
    LOG_LEVEL: 'silent',
    PORT: String(port),
    SALLYPORT_CLOCK_FILE: clockFile,
    DATABASE_URL: databaseUrl,
    ENTRA_TENANT_ID: sampleId(80),
    ENTRA_CLIENT_ID: sampleId(81),
    ENTRA_CLIENT_SECRET: 'not used: the directory is plain HTTP',
    ...roleGroupIds,
    OIDC_ISSUER: provider.issuer,
    OIDC_CLIENT_ID: client.id,
    OIDC_CLIENT_SECRET: client.secret,
    SESSION_SECRET: sessionSecret,
    PUBLIC_URL: url,
    ...overrides,
  };
  const { app } = await startConsole(environment, () => directory);
  return {
    url,
    sessionSecret,
    provider,
    rig,
    directory,
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
          createPostgresBackend(name, { ...options, connection: { connectionString: databaseUrl } }, more),
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
      await provider.close();
      await directory.close();
      await rig.close();
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
