import { EntraError } from '../entra-error';
import { systemRuntime, type Runtime } from '../retry';
import { Arrivals, type Place } from './arrivals';
import { BudgetStore } from './budget-store';
import {
  budgetKey,
  budgetNames,
  budgetOf,
  documentedBudgets,
  priorities,
  type Budget,
  type BudgetName,
  type BudgetOwner,
  type Budgets,
  type Priority,
} from './budgets';

/** What happens to callers, for metrics. `alone`: the shared store is down and this process counts for itself. */
export interface LimiterWatch {
  waited(budget: BudgetName, priority: Priority, waitedMs: number): void;
  gaveUp(budget: BudgetName, priority: Priority): void;
  throttled(budget: BudgetName): void;
  alone(budget: BudgetName): void;
}

export interface GraphLimiterOptions {
  owner: BudgetOwner;
  store: BudgetStore;
  budgets?: Budgets;
  runtime?: Runtime;
  watch?: LimiterWatch;
  /** How long a call waits that does not say otherwise. Default five minutes. */
  waitMs?: number;
}

/** A read is repeated by the queue, so waiting longer than this only holds a worker. */
const defaultWaitMs = 5 * 60_000;
/** More callers than 64 workers with all their parts; beyond it something calls in a loop. */
const waitersMax = 20_000;
/** How often one caller lets more urgent ones of other replicas pass, so that they delay it but never starve it. */
const yieldsMax = 5;
/** Without the shared store nobody knows the others: a process then takes this part of each budget. */
const aloneShare = 4;
/** How long a process goes on alone before it asks the store again. */
const aloneMs = 5_000;
/** Nobody sleeps longer than this before looking who is most urgent now: a write may have come. */
const sleepMaxMs = 1_000;
/** Longest pause after a 429 that all replicas keep. */
const pauseMaxMs = 30_000;

interface Waiter {
  priority: Priority;
  calls: number;
  since: number;
  deadline: number;
  yields: number;
  resolve: (place: Place | null) => void;
  reject: (error: Error) => void;
}

/**
 * One gate before every Graph call of every service. Within a process the most urgent caller goes first; across
 * processes a waiting write leaves a mark, and whoever is less urgent and sees it lets it pass.
 */
export class GraphLimiter {
  private readonly waiting: Record<BudgetName, Waiter[]> = {
    identityProtection: [],
    reports: [],
    directory: [],
  };
  private readonly pumping = new Set<BudgetName>();
  private readonly local = BudgetStore.on({ kind: 'memory' });
  private readonly arrivals: ReadonlyMap<BudgetName, Arrivals>;
  private aloneUntil = 0;
  private readonly runtime: Runtime;
  private readonly budgets: Budgets;

  constructor(private readonly options: GraphLimiterOptions) {
    this.runtime = options.runtime ?? systemRuntime;
    this.budgets = options.budgets ?? documentedBudgets;
    this.arrivals = new Map(
      budgetNames.flatMap((name) => {
        const { limit } = this.budgets[name];
        return limit ? [[name, new Arrivals(limit)]] : [];
      }),
    );
  }

  /**
   * Waits until one call may go out.
   *
   * @param calls how many requests it counts as; a `$batch` counts each of its parts
   * @param waitMs how long at most
   * @returns the call's place, for {@link answered} or {@link unused}; null where answers do not matter
   * @throws EntraError `throttled` with code `budgetExhausted`: nothing was sent
   */
  acquire(
    path: string,
    priority: Priority,
    calls = 1,
    waitMs = this.options.waitMs ?? defaultWaitMs,
  ): Promise<Place | null> {
    const name = budgetOf(path);
    const queue = this.waiting[name];
    if (queue.length >= waitersMax) return Promise.reject(this.exhausted(name, priority));
    return new Promise((resolve, reject) => {
      const since = this.nowMs();
      const deadline = since + waitMs;
      queue.push({ priority, calls, since, deadline, yields: 0, resolve, reject });
      void this.pump(name);
    });
  }

  /** The call is over, however it went. */
  answered(path: string, place: Place | null): void {
    this.arrivals.get(budgetOf(path))?.answered(place, this.nowMs());
  }

  /**
   * The call that this place was for is not made, so nobody waits for its answer. The others of the budget still keep
   * their distance from the moment it was given: taking it back from the store would cost a round trip to save that.
   */
  unused(place: Place | null): void {
    for (const arrivals of this.arrivals.values()) arrivals.unused(place);
  }

  /** Graph said 429: every replica leaves this budget alone for as long as asked, or for a jittered while. */
  async throttled(path: string, retryAfterMs: number | null): Promise<void> {
    const name = budgetOf(path);
    this.options.watch?.throttled(name);
    const jitteredMs = this.budgets[name].windowMs * (1 + this.runtime.random());
    const pauseMs = Math.min(retryAfterMs ?? jitteredMs, pauseMaxMs);
    const [key, budget] = [budgetKey(name, this.options.owner), this.budgets[name]];
    await this.local.pause(name, key, this.share(name), pauseMs);
    // Where the store is down, the local pause is what there is; the next call reports it.
    await this.options.store.pause(name, key, budget, pauseMs).catch(() => undefined);
  }

  /** One loop per budget while somebody waits for it. It never rejects: each waiter is told by itself. */
  private async pump(name: BudgetName): Promise<void> {
    if (this.pumping.has(name)) return;
    this.pumping.add(name);
    try {
      for (let next = this.next(name); next; next = this.next(name)) {
        const delayMs = await this.serve(name, next);
        if (delayMs > 0) await this.runtime.sleep(delayMs);
      }
    } finally {
      this.pumping.delete(name);
    }
  }

  /** Sends off who waited too long, and names the most urgent of the others, the longest waiting first. */
  private next(name: BudgetName): Waiter | undefined {
    const now = this.nowMs();
    for (const late of this.waiting[name].filter((waiter) => waiter.deadline < now)) {
      this.leave(name, late);
      late.reject(this.exhausted(name, late.priority));
    }
    // Of those who are left only: a place for somebody who has gone would never be answered.
    const left = this.waiting[name];
    for (const priority of priorities) {
      const first = left.find((waiter) => waiter.priority === priority);
      if (first) return first;
    }
    return undefined;
  }

  /** @returns milliseconds to wait before anybody is served again; 0 where this waiter went. */
  private async serve(name: BudgetName, waiter: Waiter): Promise<number> {
    const key = budgetKey(name, this.options.owner);
    const { windowMs } = this.budgets[name];
    const arrivals = this.arrivals.get(name);
    // While a call is under way, its answer is what is waited for: look again soon.
    const unsafeMs = Math.min(arrivals?.waitMs(this.nowMs()) ?? 0, windowMs / 10);
    if (unsafeMs > 0) return unsafeMs;
    const waitMs = await this.take(name, key, waiter);
    if (waitMs === null) {
      this.leave(name, waiter);
      this.options.watch?.waited(name, waiter.priority, this.nowMs() - waiter.since);
      waiter.resolve(arrivals?.granted(this.nowMs()) ?? null);
      return 0;
    }
    // A little apart from other replicas; writers ask again earlier than readers.
    const jitterMs = waiter.priority === 'read' ? windowMs / 4 : windowMs / 20;
    return Math.min(waitMs, sleepMaxMs) + this.runtime.random() * jitterMs;
  }

  /** @returns null where the waiter may go, else milliseconds */
  private async take(name: BudgetName, key: string, waiter: Waiter): Promise<number | null> {
    const { store } = this.options;
    const budget = this.budgets[name];
    if (this.nowMs() >= this.aloneUntil) {
      try {
        const { priority } = waiter;
        if (waiter.yields < yieldsMax && (await store.claimedAbove(key, priority))) {
          waiter.yields += 1;
          return budget.windowMs;
        }
        const waitMs = await store.take(name, key, budget, waiter.calls);
        // Nobody yields to a reader.
        if (waitMs !== null && priority !== 'read') await store.claim(key, priority);
        return waitMs;
      } catch {
        this.aloneUntil = this.nowMs() + aloneMs;
      }
    }
    this.options.watch?.alone(name);
    return this.local.take(name, key, this.share(name), waiter.calls);
  }

  /** Slower than the budget, because other replicas may be alone at the same time. */
  private share(name: BudgetName): Budget {
    const { calls, windowMs } = this.budgets[name];
    return { calls, windowMs: windowMs * aloneShare };
  }

  private leave(name: BudgetName, waiter: Waiter): void {
    this.waiting[name] = this.waiting[name].filter((other) => other !== waiter);
  }

  private exhausted(name: BudgetName, priority: Priority): EntraError {
    this.options.watch?.gaveUp(name, priority);
    const retryAfterMs = this.budgets[name].windowMs;
    return new EntraError({
      kind: 'throttled',
      status: null,
      code: 'budgetExhausted',
      retryAfterMs,
      sent: false,
    });
  }

  private nowMs(): number {
    return performance.now();
  }
}
