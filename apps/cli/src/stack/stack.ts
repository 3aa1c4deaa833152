import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { migrateCaseLog } from '@sallyport/case-log';
import { runQueueMigrations } from '@sallyport/queue';
import { baseTenant, simulatedClients } from '@sallyport/scenario';
import { readPack } from '@sallyport/stage';
import {
  freePort,
  type LocalServer,
  type RestartableServer,
  startPostgres,
  startRedis,
} from '../../../../tools/local-servers';
import { rehearsal, serviceEnv, type ServiceName, serviceNames } from './service-env';
import { ServiceProcess, type ServiceSpec } from './service-process';
import { SimulatorClient } from './simulator-client';

/** Where a stack can be reached: what `sallyport scenario run` needs, and what `npm start` writes down. */
export interface StackInfo {
  ingestUrl: string;
  consoleUrl: string;
  simulatorUrl: string;
  caFile: string;
  databaseUrl: string;
  ownerUrl: string;
  queueUrl: string | null;
  clockFile: string;
  logs: string;
  pids: Record<string, number>;
}

export interface StackOptions {
  queue: 'postgres' | 'redis';
  policyPack?: string;
  /** Told what is being done, for people who wait. */
  progress?: (message: string) => void;
  /** Folder of the bundles. */
  dist?: string;
  /** Starts a service again that ended by itself, as an orchestrator would. It is noted all the same. */
  supervise?: boolean;
  /** A second executor, which takes jobs of the same queue. */
  twoExecutors?: boolean;
  /** Variables that differ from those of every rehearsal, for the services that have them. */
  env?: Readonly<Record<string, string>>;
}

/** What keeps the data of a stack. Redis is absent where the queues live in Postgres. */
export interface Stores {
  postgres: RestartableServer;
  redis: RestartableServer | undefined;
}

/** Everything that a rehearsal needs, on this machine alone: database, queue, simulator and every service. */
export class Stack {
  private constructor(
    readonly info: StackInfo,
    readonly simulator: SimulatorClient,
    readonly stores: Stores,
    private readonly services: ReadonlyMap<string, ServiceProcess>,
    private readonly servers: readonly (LocalServer | ServiceProcess)[],
    private readonly dir: string,
    private readonly failures: string[],
  ) {}

  /** Starts everything or leaves nothing behind. */
  static async start(options: StackOptions): Promise<Stack> {
    const progress = options.progress ?? (() => undefined);
    const dist = resolve(options.dist ?? 'dist/apps');
    const policyPack = resolve(options.policyPack ?? 'policies/containment-first');
    // Services would wait for a good one, and whoever started the stack for them.
    readPack(policyPack);
    const dir = mkdtempSync(join(tmpdir(), 'sallyport-stack-'));
    const servers: (LocalServer | ServiceProcess)[] = [];
    const failures: string[] = [];
    try {
      progress('starting Postgres');
      const postgres = await startPostgres();
      servers.push(postgres);
      const redis = options.queue === 'redis' ? await startRedis() : undefined;
      if (redis) servers.push(redis);

      progress('preparing the database');
      const databaseUrl = appUrl(postgres.url);
      await migrateCaseLog(postgres.url, databaseUrl);
      await runQueueMigrations(postgres.url, 'sallyport_app');

      progress('starting the simulated tenant');
      const clockFile = join(dir, 'clock');
      const tlsDir = join(dir, 'tls');
      mkdirSync(tlsDir);
      // A restarted service keeps its port, so that others still find it.
      const approvalPort = await freePort();
      const simulatorProcess = new ServiceProcess(
        {
          name: 'simulator',
          file: join(dist, 'simulator', 'main.js'),
          env: {
            SIMULATOR_TLS_DIR: tlsDir,
            SIMULATOR_TENANT_ID: rehearsal.tenantId,
            SIMULATOR_BOT_APP_ID: simulatedClients.approvalBot.appId,
            SIMULATOR_BOT_ENDPOINT: `http://127.0.0.1:${approvalPort}/api/messages`,
            SALLYPORT_CLOCK_FILE: clockFile,
          },
        },
        dir,
        (message) => failures.push(message),
      );
      servers.push(simulatorProcess);
      const simulatorPort = await simulatorProcess.start();
      const simulatorUrl = `https://localhost:${simulatorPort}`;
      const caFile = join(tlsDir, 'ca.pem');
      const simulator = new SimulatorClient(simulatorUrl, readFileSync(caFile, 'utf8'));
      await simulator.loadTenant(baseTenant, new Date());

      progress('starting the services');
      const ports = {} as Record<ServiceName, number>;
      for (const name of serviceNames) ports[name] = name === 'approval' ? approvalPort : await freePort();
      const addresses = {
        databaseUrl,
        queueUrl: redis?.url,
        simulatorUrl,
        caFile,
        clockFile,
        policyPack,
        ports,
      };
      const services = new Map<string, ServiceProcess>();
      const envOf = (name: ServiceName) => ({ ...serviceEnv(name, addresses), ...options.env });
      const specs: ServiceSpec[] = serviceNames.map((name) => {
        return { name, file: join(dist, name, 'main.js'), env: envOf(name) };
      });
      if (options.twoExecutors) {
        const env = { ...envOf('executor'), PORT: String(await freePort()) };
        specs.push({ name: 'executor 2', file: join(dist, 'executor', 'main.js'), env });
      }
      for (const spec of specs) {
        const service = new ServiceProcess(spec, dir, (message) => {
          failures.push(message);
          if (options.supervise) startAgain(service, failures);
        });
        services.set(spec.name, service);
        servers.push(service);
      }
      await Promise.all([...services.values()].map((service) => service.start()));

      const pids = Object.fromEntries([...services].map(([name, service]) => [name, service.pid ?? 0]));
      const info: StackInfo = {
        ingestUrl: `http://127.0.0.1:${ports.ingest}`,
        consoleUrl: `http://127.0.0.1:${ports.console}`,
        simulatorUrl,
        caFile,
        databaseUrl,
        ownerUrl: postgres.url,
        queueUrl: redis?.url ?? null,
        clockFile,
        logs: dir,
        pids,
      };
      return new Stack(info, simulator, { postgres, redis }, services, servers, dir, failures);
    } catch (error) {
      await stopAll(servers);
      rmSync(dir, { recursive: true, force: true });
      throw error;
    }
  }

  /** Names of all service processes. */
  get processes(): readonly string[] {
    return [...this.services.keys()];
  }

  /** A service dies without warning and comes back as a new process. */
  async killAndRestart(name: string): Promise<void> {
    const service = this.services.get(name);
    if (!service) throw new RangeError(`there is no service ${name}`);
    await service.kill();
    await service.start();
  }

  /** Moves every service's clock on by this much. */
  later(ms: number): void {
    moveClock(this.info.clockFile, ms);
  }

  /** What went wrong behind the scenes: services that ended by themselves. */
  unexpectedExits(): readonly string[] {
    return this.failures;
  }

  async stop(): Promise<void> {
    await stopAll(this.servers);
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** Adds to the offset that all services read at every look at the clock. */
export function moveClock(clockFile: string, ms: number): void {
  let offset = 0;
  try {
    offset = Number(readFileSync(clockFile, 'utf8'));
  } catch {
    // Not moved yet.
  }
  // Put in place whole: a service that looked into a file half written would be back at the real time.
  const next = `${clockFile}.next`;
  writeFileSync(next, String(offset + ms));
  renameSync(next, clockFile);
}

/** Once: one that cannot come up again by then is missed by whoever waits for its work. */
function startAgain(service: ServiceProcess, failures: string[]): void {
  service.start().catch((error: unknown) => failures.push(String(error)));
}

/** Newest first, so that nobody outlives what it needs. */
async function stopAll(servers: readonly (LocalServer | ServiceProcess)[]): Promise<void> {
  const services = servers.filter((server) => server instanceof ServiceProcess);
  await Promise.allSettled(services.map((service) => service.stop()));
  for (const server of servers.filter((candidate) => !(candidate instanceof ServiceProcess)).reverse()) {
    await server.stop();
  }
}

/** The application's own role beside the owner's URL. */
function appUrl(ownerUrl: string): string {
  const url = new URL(ownerUrl);
  url.username = 'sallyport_app';
  url.password = 'rehearsal-app-password';
  return url.href;
}
