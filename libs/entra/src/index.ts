export { AccountReader, type AccountState } from './account-reader';
export { AccountWriter, type Answer } from './account-writer';
export { BudgetStore, type BudgetBackend } from './budget/budget-store';
export {
  budgetNames,
  budgetOf,
  budgetsOf,
  documentedBudgets,
  type BudgetName,
  type Budgets,
  type Priority,
} from './budget/budgets';
export { GraphLimiter, type GraphLimiterOptions, type LimiterWatch } from './budget/graph-limiter';
export { EntraError, type EntraErrorKind } from './entra-error';
export { EvidenceReader, type StandingGroups } from './evidence-reader';
export type { Trace } from './graph-asker';
export {
  createGraphClient,
  graphClientWith,
  graphScope,
  type GraphClient,
  type GraphClientOptions,
} from './graph-client';
export { MembershipReader, type RoleGroups, type Voter } from './membership-reader';
export { campaignWindowMs } from './campaign';
export { capabilitiesFrom, type OwnRights } from './capabilities';
export { episodeFrom } from './episode';
export { withHistory } from './history';
export { proves } from './proof';
export { SharedReads, type SharedView } from './shared/shared-reads';
export { systemRuntime, type Runtime } from './retry';
export { builtInRoles } from './role-table';
