export { AccountReader, type AccountState } from './account-reader';
export { AccountWriter, type Answer } from './account-writer';
export { EntraError, type EntraErrorKind } from './entra-error';
export { EvidenceReader, type StandingGroups } from './evidence-reader';
export type { Trace } from './graph-asker';
export {
  createGraphClient,
  graphClientWith,
  type GraphClient,
  type GraphClientOptions,
} from './graph-client';
export { MembershipReader, type RoleGroups, type Voter } from './membership-reader';
export { proves } from './proof';
export { systemRuntime, type Runtime } from './retry';
export { builtInRoles } from './role-table';
