/** What Graph counts together. https://learn.microsoft.com/graph/throttling-limits */
export const budgetNames = ['identityProtection', 'reports', 'directory'] as const;
export type BudgetName = (typeof budgetNames)[number];

/** Who goes first where a budget is short, most urgent first. */
export const priorities = ['containment', 'release', 'read'] as const;
export type Priority = (typeof priorities)[number];

/** So many calls in so many milliseconds. */
export interface Rate {
  calls: number;
  windowMs: number;
}
/** What we take. */
export interface Budget extends Rate {
  /** What Graph itself counts, where that is near enough to matter; see `Arrivals`. */
  limit?: Rate;
}
export type Budgets = Readonly<Record<BudgetName, Budget>>;

/**
 * Each a margin below what Microsoft documents. One call per window is a spacing, so that two windows side by side
 * never hold a burst; only the directory, whose limit is far away, is counted in larger windows.
 *
 * - Identity Protection: one per second per tenant, for all applications of the tenant together.
 * - Reports (sign-ins, audits, registrations): five in ten seconds per application and tenant.
 * - Directory: 3,500 units in ten seconds in the smallest tenants; our calls cost up to five units each.
 */
export const documentedBudgets: Budgets = {
  identityProtection: { calls: 1, windowMs: 1_500, limit: { calls: 1, windowMs: 1_000 } },
  reports: { calls: 1, windowMs: 2_200, limit: { calls: 5, windowMs: 10_000 } },
  directory: { calls: 50, windowMs: 1_000 },
};

/**
 * The budgets of a tenant that has `factor` times the documented limits, or spares that part of them for Sallyport.
 * More means more calls in the same window: Redis counts no window below a second.
 */
export function budgetsOf(factor: number): Budgets {
  const rate = ({ calls, windowMs }: Rate): Rate =>
    factor >= 1 ? { calls: Math.floor(calls * factor), windowMs } : { calls, windowMs: windowMs / factor };
  const scaled = ({ limit, ...budget }: Budget): Budget =>
    limit ? { ...rate(budget), limit: rate(limit) } : rate(budget);
  const { identityProtection, reports, directory } = documentedBudgets;
  return {
    identityProtection: scaled(identityProtection),
    reports: scaled(reports),
    directory: scaled(directory),
  };
}

/** @param path after `/v1.0`, as it is sent; Graph does not mind its case, and a next link may be written otherwise */
export function budgetOf(path: string): BudgetName {
  const [, first] = path.toLowerCase().split('/');
  if (first === 'identityprotection') return 'identityProtection';
  return first === 'auditlogs' || first === 'reports' ? 'reports' : 'directory';
}

/** Of whom a budget is counted: Identity Protection per tenant, the others per application in it. No personal data. */
export function budgetKey(name: BudgetName, owner: BudgetOwner): string {
  return name === 'identityProtection'
    ? `${name}:${owner.tenantId}`
    : `${name}:${owner.tenantId}:${owner.clientId}`;
}
export interface BudgetOwner {
  tenantId: string;
  clientId: string;
}
