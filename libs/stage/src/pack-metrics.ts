import type { Pack } from '@sallyport/policy';
import { Counter, Gauge, type Registry } from 'prom-client';

/** What operators see of the pack: the same hash in every replica of policy and executor, and none refused. */
export class PackMetrics {
  private readonly info: Gauge<'pack' | 'hash'>;
  private readonly isRefused: Gauge;
  private readonly reloads: Counter<'result'>;

  constructor(registry: Registry) {
    this.info = new Gauge({
      name: 'sallyport_policy_pack_info',
      help: 'Always 1; the labels name the policy pack in force and its policy-set hash',
      labelNames: ['pack', 'hash'],
      registers: [registry],
    });
    this.isRefused = new Gauge({
      name: 'sallyport_policy_pack_refused',
      help: '1 while the folder of the policy pack holds a pack that was refused; an older one is in force, or none',
      registers: [registry],
    });
    this.reloads = new Counter({
      name: 'sallyport_policy_reloads_total',
      help: 'Policy packs found changed, or refused at the start, by what became of them',
      labelNames: ['result'],
      registers: [registry],
    });
    for (const result of ['taken', 'refused']) this.reloads.inc({ result }, 0);
  }

  inForce({ name, policySetHash }: Pack): void {
    this.info.reset();
    this.info.set({ pack: name, hash: policySetHash }, 1);
    this.isRefused.set(0);
  }

  taken(pack: Pack): void {
    this.inForce(pack);
    this.reloads.inc({ result: 'taken' });
  }

  refused(): void {
    this.isRefused.set(1);
    this.reloads.inc({ result: 'refused' });
  }
}
