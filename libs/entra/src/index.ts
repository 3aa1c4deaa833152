export { type Answer, outcomeRules, togetherRule } from './account-outcomes';
export { AccountReader, type AccountPart, type AccountState } from './account-reader';
export { accountSteps } from './account-steps';
export { AccountWriter } from './account-writer';
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
export { groupProtection, type GroupProtection } from './group-protection';
export { GraphLimiter, type GraphLimiterOptions, type LimiterWatch } from './budget/graph-limiter';
export { EntraError, type EntraErrorKind } from './entra-error';
export { EvidenceReader } from './evidence-reader';
export type { Trace } from './graph-asker';
export { graphCloudOf, graphScope } from './graph-cloud';
export {
  createGraphClient,
  graphClientWith,
  type GraphClient,
  type GraphClientOptions,
} from './graph-client';
export { MembershipReader, type RoleGroups, unknownPerson, type VoterRights } from './membership-reader';
export { campaignWindowMs } from './campaign';
export { capabilitiesFrom, type OwnRights } from './capabilities';
export { episodeFrom } from './episode';
export { withHistory } from './history';
export { type Intent, proves } from './proof';
export type { SharedView } from './shared/shared-view';
export type { StandingList, StandingLists } from './standing';
export {
  extensionAttributeOf,
  upnPatternOf,
  type ExtensionAttribute,
  type UpnPattern,
} from './standing-list';
export { systemRuntime, type Runtime } from './retry';
export { builtInRoles } from './role-table';
export { type Part, Together, togetherMax } from './together';
