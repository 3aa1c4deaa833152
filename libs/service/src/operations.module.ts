import {
  Controller,
  type DynamicModule,
  Get,
  Global,
  Header,
  Inject,
  Injectable,
  Module,
} from '@nestjs/common';
import { Registry } from 'prom-client';
import { Problem } from './problem';

/** What a service needs before it can do its work; each part of the service says so itself. */
@Injectable()
export class Readiness {
  readonly checks = new Map<string, () => Promise<unknown>>();
  /** What has to be there once, before the service takes its first job. */
  readonly first: Promise<unknown>[] = [];

  /**
   * @param check rejects while `name` cannot be used
   * @param first comes once `name` is there, where no job may be taken before
   */
  needs(name: string, check: () => Promise<unknown>, first?: Promise<unknown>): void {
    this.checks.set(name, check);
    if (first) this.first.push(first);
  }
}

/** Rejects a check with words that whoever asks may read. Those of any other error stay inside. */
export class NotReady extends Error {
  override readonly name = 'NotReady';
}

export const registryToken = Symbol('metrics registry');

/** How long a readiness check may take before it counts as failed. Kubernetes asks every few seconds. */
const checkTimeoutMs = 2_000;

@Controller()
export class OperationsController {
  constructor(
    private readonly readiness: Readiness,
    @Inject(registryToken) private readonly registry: Registry,
  ) {}

  /** The process runs. Says nothing about its neighbours, so that their outage restarts nobody. */
  @Get('healthz')
  healthz(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('readyz')
  async readyz(): Promise<{ status: 'ready'; checks: string[] }> {
    const checks = [...this.readiness.checks];
    const missing = await Promise.all(checks.map(([, check]) => missingOf(check)));
    const failed = checks.map(([name]) => name).filter((_, at) => missing[at] !== null);
    if (failed.length === 0) return { status: 'ready', checks: checks.map(([name]) => name) };
    const detail = [`Waiting for: ${failed.join(', ')}.`, ...missing.filter((words) => words)].join(' ');
    throw new Problem(503, 'notReady', 'Not ready', detail, { failed });
  }

  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  async metrics(): Promise<string> {
    return this.registry.metrics();
  }
}

/** @returns null where it passed, or what may be said of why it did not */
async function missingOf(check: () => Promise<unknown>): Promise<string | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('timed out')), checkTimeoutMs);
  });
  try {
    await Promise.race([check(), late]);
    return null;
  } catch (error) {
    return error instanceof NotReady ? error.message : '';
  } finally {
    clearTimeout(timer);
  }
}

@Global()
@Module({})
export class OperationsModule {
  static with(registry: Registry): DynamicModule {
    return {
      module: OperationsModule,
      controllers: [OperationsController],
      providers: [Readiness, { provide: registryToken, useValue: registry }],
      exports: [Readiness, registryToken],
    };
  }
}
