import type { FactoryProvider, OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { Containment } from '@sallyport/evidence';
import { digestOf } from '@sallyport/idempotency';
import { loadProvenPack, type Pack, PackError, type PackSource } from '@sallyport/policy';
import { type Logger, loggerToken, NotReady, Readiness, registryToken } from '@sallyport/service';
import type { Registry } from 'prom-client';
import type { PackConfig } from './pack-env';
import { PackMetrics } from './pack-metrics';
import { readPackSource } from './read-pack';

/** What a look at the folder came to. */
export type PackLook = 'same' | 'settling' | 'taken' | 'refused';

/** What a service that decides goes by. */
type PackUse = Pick<PackConfig, 'POLICY_PACK' | 'POLICY_RELOAD_SECONDS'> &
  Partial<Pick<PackConfig, 'CONTAIN_BY'>>;

/** A folder as it was found: its texts, or why there are none. */
type Found = { fingerprint: string; source: PackSource } | { fingerprint: string; problem: Error };

/**
 * The pack that decides, and the folder that it came from. The folder is looked at by its content and not watched:
 * a mounted ConfigMap is changed by swapping symbolic links, and file events do not cross every mount. A changed pack
 * is taken up when two looks in a row find the same texts, so that a copy under way is not taken for a short pack; one
 * that is refused changes nothing but the log and the metrics.
 *
 * A service that finds no good pack at its start stays up, so that operators can ask it why: it is not ready and takes no
 * job, so that replicas that have a pack do the work, and the first good pack in the folder is taken up as any changed one.
 */
export class PackInForce implements OnApplicationBootstrap, OnApplicationShutdown {
  private inForce: Pack | null = null;
  /** The content that was judged last, taken up or refused. */
  private judged: string;
  /** Why that was refused, or null. */
  private refusal: Error | null = null;
  /** Other content that was seen once. */
  private settling: string | null = null;
  private timer: NodeJS.Timeout | undefined;
  private readonly metrics: PackMetrics;
  private begin = (): void => undefined;

  constructor(
    private readonly config: PackUse,
    private readonly logger: Logger,
    registry: Registry,
    readiness: Readiness,
  ) {
    this.metrics = new PackMetrics(registry);
    readiness.needs(
      'policy pack',
      async () => {
        if (!this.inForce) throw new NotReady(wordsOf(this.refusal));
      },
      new Promise<void>((resolve) => void (this.begin = resolve)),
    );
    const found = folderAt(config.POLICY_PACK);
    this.judged = found.fingerprint;
    this.judge(found);
  }

  /** For a whole decision ask once: it may be another one the next time. No job is taken before there is one. */
  get pack(): Pack {
    if (!this.inForce) throw new Error('a job was taken before there was a policy pack');
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
    return this.judge(found);
  }

  private judge(found: Found): 'taken' | 'refused' {
    try {
      this.take(found);
      this.refusal = null;
      return 'taken';
    } catch (error) {
      this.refusal = error instanceof Error ? error : new Error(String(error));
      const policySetHash = this.inForce?.policySetHash ?? null;
      const words = this.inForce
        ? 'the changed policy pack is refused; the one in force stays'
        : 'the policy pack is refused and there is no other: no job is taken, and cases wait until its folder holds a good one';
      this.logger.error({ err: error, policySetHash }, words);
      this.metrics.refused();
      return 'refused';
    }
  }

  private take(found: Found): void {
    if ('problem' in found) throw found.problem;
    const before = this.inForce;
    const after = loadProvenPack(found.source);
    this.inForce = after;
    this.begin();
    // The first one of a good start is nothing that anybody has to be told.
    if (!before && !this.refusal) return this.metrics.inForce(after);
    const hashes = {
      policySetHash: after.policySetHash,
      policySetHashBefore: before?.policySetHash ?? null,
    };
    this.logger.warn({ pack: after.name, ...hashes }, 'another policy pack is in force');
    this.metrics.taken(after);
  }
}

/** The pack in force as a provider. */
export function packInForce(config: PackUse): FactoryProvider<PackInForce> {
  return {
    provide: PackInForce,
    inject: [loggerToken, registryToken, Readiness],
    useFactory: (logger: Logger, registry: Registry, readiness: Readiness) =>
      new PackInForce(config, logger, registry, readiness),
  };
}

/** What anybody may read of a refusal. Any other error may name where files stand, or quote one that is no pack. */
const wordsOf = (refusal: Error | null) =>
  refusal instanceof PackError ? refusal.message : 'It cannot be read; the log says why.';

function folderAt(dir: string): Found {
  try {
    const source = readPackSource(dir);
    return { fingerprint: digestOf(['pack-source', source]), source };
  } catch (error) {
    const problem = error instanceof Error ? error : new Error(String(error));
    return { fingerprint: digestOf(['no-pack', problem.message]), problem };
  }
}
