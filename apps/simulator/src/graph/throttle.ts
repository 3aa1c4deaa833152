import { type ThrottleGroup } from './route';

/** https://learn.microsoft.com/graph/throttling-limits, read 2026: per tenant for risk, per app for reports. */
const limits: Readonly<
  Record<ThrottleGroup, { requests: number; windowMs: number; perApp: boolean; retryAfter: boolean }>
> = {
  identityProtection: { requests: 1, windowMs: 1_000, perApp: false, retryAfter: false },
  reports: { requests: 5, windowMs: 10_000, perApp: true, retryAfter: true },
};

/** Sliding windows over the machine's clock: a jump of the scenario's clock frees no budget. */
export class Throttle {
  private readonly calls = new Map<string, number[]>();

  constructor(private readonly nowMs: () => number) {}

  /** null: go ahead. Otherwise refused, with the seconds for `Retry-After` where this group sends it. */
  take(group: ThrottleGroup, appId: string): null | { retryAfterSeconds: number | null } {
    const limit = limits[group];
    const key = limit.perApp ? `${group}:${appId}` : group;
    const now = this.nowMs();
    const recent = (this.calls.get(key) ?? []).filter((at) => at > now - limit.windowMs);
    if (recent.length < limit.requests) {
      this.calls.set(key, [...recent, now]);
      return null;
    }
    const waitMs = (recent[0] ?? now) + limit.windowMs - now;
    return { retryAfterSeconds: limit.retryAfter ? Math.ceil(waitMs / 1_000) : null };
  }
}
