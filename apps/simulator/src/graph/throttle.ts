import { type ThrottleGroup } from './route';

interface Limit {
  units: number;
  windowMs: number;
  perApp: boolean;
  retryAfter: boolean;
}

/**
 * https://learn.microsoft.com/graph/throttling-limits, read 2026: per tenant for risk, per app for reports and the
 * directory, whose smallest tenants have 3,500 units.
 */
const limits: Readonly<Record<ThrottleGroup, Limit>> = {
  identityProtection: { units: 1, windowMs: 1_000, perApp: false, retryAfter: false },
  reports: { units: 5, windowMs: 10_000, perApp: true, retryAfter: true },
  directory: { units: 3_500, windowMs: 10_000, perApp: true, retryAfter: true },
};

/** Calls to the directory that cost more than one unit, by route; `$select` takes one off and `$expand` adds one. */
const unitsByPath: Readonly<Record<string, number>> = {
  '/users/{id}/transitiveMemberOf': 2,
  '/users/{id}/transitiveMemberOf/microsoft.graph.directoryRole': 2,
  '/users/{id}/getMemberGroups': 2,
  '/users/{id}/checkMemberGroups': 4,
  '/groups/{id}/transitiveMembers': 5,
};

/** What a call costs in its group. */
export function unitsOf(group: ThrottleGroup, path: string, query: URLSearchParams): number {
  if (group !== 'directory') return 1;
  const units = unitsByPath[path] ?? 1;
  return Math.max(1, units - (query.has('$select') ? 1 : 0) + (query.has('$expand') ? 1 : 0));
}

/** Sliding windows over the machine's clock: a jump of the scenario's clock frees no budget. */
export class Throttle {
  private readonly spent = new Map<string, { at: number; units: number }[]>();

  /** @param speed how many times faster than documented the windows pass */
  constructor(
    private readonly nowMs: () => number,
    private readonly speed = 1,
  ) {}

  /** null: go ahead. Otherwise refused, with the seconds for `Retry-After` where this group sends it. */
  take(group: ThrottleGroup, appId: string, units = 1): null | { retryAfterSeconds: number | null } {
    const limit = limits[group];
    const key = limit.perApp ? `${group}:${appId}` : group;
    const now = this.nowMs();
    const windowMs = limit.windowMs / this.speed;
    const recent = (this.spent.get(key) ?? []).filter(({ at }) => at > now - windowMs);
    if (recent.reduce((sum, spent) => sum + spent.units, units) <= limit.units) {
      this.spent.set(key, [...recent, { at: now, units }]);
      return null;
    }
    const waitMs = (recent[0]?.at ?? now) + windowMs - now;
    return { retryAfterSeconds: limit.retryAfter ? Math.ceil(waitMs / 1_000) : null };
  }
}
