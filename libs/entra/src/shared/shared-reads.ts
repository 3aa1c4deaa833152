import type { Instant } from '@sallyport/evidence';
import { GraphAsker } from '../graph-asker';
import type { GraphClient } from '../graph-client';
import { filterOf, odataTime } from '../graph-query';
import { readBounds, systemRuntime, type Runtime } from '../retry';
import { GroupedRead } from './grouped-read';
import { type Listing, RiskList } from './risk-list';

/**
 * What the cases of one process read together, because Graph's limits are per tenant and not per case. Only for the
 * first look at a case: whoever acts reads anew, without this.
 */
export class SharedReads {
  private readonly riskyUsers: RiskList;
  private readonly detections: RiskList;
  private readonly signIns: GroupedRead;
  private readonly changes: GroupedRead;

  constructor(client: GraphClient, runtime: Runtime = systemRuntime) {
    // Several cases use the answer, so its ids name the moment of this process instead of a case.
    const born = runtime.now().toISOString();
    const asker = (part: string, call: number) =>
      new GraphAsker(client, runtime, readBounds, ['shared', born, part, call]);
    this.riskyUsers = new RiskList(
      { path: '/identityProtection/riskyUsers', changedAt: 'riskLastUpdatedDateTime', user: 'id' },
      asker,
      runtime,
    );
    this.detections = new RiskList(
      { path: '/identityProtection/riskDetections', changedAt: 'lastUpdatedDateTime', user: 'userId' },
      asker,
      runtime,
    );
    this.signIns = new GroupedRead(signInPaths, (call) => asker('signIns', call), runtime);
    this.changes = new GroupedRead(changePaths, (call) => asker('changes', call), runtime);
  }

  /** @param asOf when the case last moved: nothing that was read before that is used for it */
  view(asOf: Instant): SharedView {
    return {
      riskyUsers: () => this.riskyUsers.read(asOf),
      detections: () => this.detections.read(asOf),
      signIns: this.signIns,
      changes: this.changes,
    };
  }
}

/** The shared reads for one case. */
export interface SharedView {
  riskyUsers(): Promise<Listing | null>;
  detections(): Promise<Listing | null>;
  signIns: Pick<GroupedRead, 'read'>;
  changes: Pick<GroupedRead, 'read'>;
}

const anyOf = (conditions: readonly string[]): string =>
  conditions.length === 1 ? conditions.join('') : `(${conditions.join(' or ')})`;

function signInPaths(userIds: readonly string[], since: Instant): string[] {
  const users = anyOf(userIds.map((id) => `userId eq '${id}'`));
  return [`/auditLogs/signIns?${filterOf(users, `createdDateTime ge ${odataTime(since)}`)}&$top=1000`];
}

/** Rows that name a user as target, and those that a user began: a consent names only the application. */
export function changePaths(userIds: readonly string[], since: Instant): string[] {
  const window = `activityDateTime ge ${odataTime(since)}`;
  return [
    anyOf(userIds.map((id) => `targetResources/any(t: t/id eq '${id}')`)),
    anyOf(userIds.map((id) => `initiatedBy/user/id eq '${id}'`)),
  ].map((condition) => `/auditLogs/directoryAudits?${filterOf(window, condition)}&$top=1000`);
}
