import type { FactoryProvider, OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { Containment } from '@sallyport/evidence';
import { digestOf } from '@sallyport/idempotency';
import { loadProvenPack, type Pack, type PackSource } from '@sallyport/policy';
import { type Logger, loggerToken, registryToken } from '@sallyport/service';
import type { Registry } from 'prom-client';
import type { PackConfig } from './pack-env';
import { PackMetrics } from './pack-metrics';
import { readPackSource } from './read-pack';

/** What a look at the folder came to. */
export type PackLook = 'same' | 'settling' | 'taken' | 'refused';

/** What a service that decides goes by. */
type PackUse = Pick<PackConfig, 'POLICY_PACK' | 'POLICY_RELOAD_SECONDS'> &
  Partial<Pick<PackConfig, 'CONTAIN_BY'>>;

/** The pack that a service starts with, and the content that it was made of. */
export interface FirstPack {
  pack: Pack;
  fingerprint: string;
}

/** A folder as it was found: its texts, or why there are none. */
type Found = { fingerprint: string; source: PackSource } | { fingerprint: string; problem: Error };

/**
 * The pack that decides, and the folder that it came from. The folder is looked at by its content and not watched:
 * a mounted ConfigMap is changed by swapping symbolic links, and file events do not cross every mount. A changed pack
 * is taken up when two looks in a row find the same texts, so that a copy under way is not taken for a short pack; one
 * that is refused changes nothing but the log and the metrics.
 */
export class PackInForce implements OnApplicationBootstrap, OnApplicationShutdown {
  private inForce: Pack;
  /** The content that was judged last, taken up or refused. */
  private judged: string;
  /** Other content that was seen once. */
  private settling: string | null = null;
  private timer: NodeJS.Timeout | undefined;
  private readonly metrics: PackMetrics;

  constructor(
    private readonly config: PackUse,
    first: FirstPack,
    private readonly logger: Logger,
    registry: Registry,
  ) {
    this.inForce = first.pack;
    this.judged = first.fingerprint;
    this.metrics = new PackMetrics(registry);
    this.metrics.inForce(this.inForce);
  }

  /** For a whole decision ask once: it may be another one the next time. */
  get pack(): Pack {
    return this.inForce;
  }

  get containment(): Containment {
    return this.config.CONTAIN_BY ?? 'forcePasswordChange';
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.look(), this.config.POLICY_RELOAD_SECONDS * 1_000);
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** One look at the folder. Never throws: whatever is found there, the pack in force stays in force. */
  look(): PackLook {
    const found = folderAt(this.config.POLICY_PACK);
    if (found.fingerprint === this.judged) {
      this.settling = null;
      return 'same';
    }
    if (found.fingerprint !== this.settling) {
      this.settling = found.fingerprint;
      return 'settling';
    }
    this.judged = found.fingerprint;
    this.settling = null;
    try {
      this.take(found);
      return 'taken';
    } catch (error) {
      const { policySetHash } = this.inForce;
      this.logger.error(
        { err: error, policySetHash },
        'the changed policy pack is refused; the one in force stays',
      );
      this.metrics.refused();
      return 'refused';
    }
  }

  private take(found: Found): void {
    if ('problem' in found) throw found.problem;
    const before = this.inForce;
    const after = loadProvenPack(found.source);
    this.inForce = after;
    const hashes = { policySetHash: after.policySetHash, policySetHashBefore: before.policySetHash };
    this.logger.warn({ pack: after.name, ...hashes }, 'another policy pack is in force');
    this.metrics.taken(after);
  }
}

/** @throws PackError, Error: a service does not start on a pack that is refused or cannot be read */
export function firstPack(dir: string): FirstPack {
  const found = folderAt(dir);
  if ('problem' in found) throw found.problem;
  return { pack: loadProvenPack(found.source), fingerprint: found.fingerprint };
}

/** The pack in force as a provider. @throws PackError, Error; at once, before anything is connected */
export function packInForce(config: PackUse): FactoryProvider<PackInForce> {
  const first = firstPack(config.POLICY_PACK);
  return {
    provide: PackInForce,
    inject: [loggerToken, registryToken],
    useFactory: (logger: Logger, registry: Registry) => new PackInForce(config, first, logger, registry),
  };
}

function folderAt(dir: string): Found {
  try {
    const source = readPackSource(dir);
    return { fingerprint: digestOf(['pack-source', source]), source };
  } catch (error) {
    const problem = error instanceof Error ? error : new Error(String(error));
    return { fingerprint: digestOf(['no-pack', problem.message]), problem };
  }
}
