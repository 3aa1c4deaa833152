import type { Instant } from '@sallyport/evidence';
import { GraphAsker } from '../graph-asker';
import type { GraphClient } from '../graph-client';
import { changePaths, signInPaths } from '../log-paths';
import { roleGroupOwners } from '../role-group-owners';
import { readBounds, systemRuntime, type Runtime } from '../retry';
import { GroupedRead } from './grouped-read';
import { RiskList } from './risk-list';
import { SharedOnce } from './shared-once';
import type { SharedView } from './shared-view';

/** How long cases that have been waiting share one look at the owners; it must also be younger than the case. */
const ownersKeptMs = 5 * 60_000;

/**
 * What the cases of one process read together, because Graph's limits are per tenant and not per case. Only for the
 * first look at a case and for watching what was released: whoever acts reads anew, without this. That is why it has an entry point of its own,
 * `@sallyport/entra/shared`, which `only-context.spec.ts` keeps out of every program but context.
 */
export class SharedReads {
  private readonly riskyUsers: RiskList;
  private readonly detections: RiskList;
  private readonly signIns: GroupedRead;
  private readonly changes: GroupedRead;
  private readonly owners: SharedOnce<ReadonlySet<string>>;

  constructor(client: GraphClient, runtime: Runtime = systemRuntime) {
    // Several cases use the answer, so its ids name the moment of this process instead of a case.
    const born = runtime.now().toISOString();
    const asker = (part: string, call: number) =>
      new GraphAsker(client, runtime, readBounds, ['shared', born, part, call]);
    this.riskyUsers = new RiskList(
      {
        ...{ path: '/identityProtection/riskyUsers', changedAt: 'riskLastUpdatedDateTime', user: 'id' },
        // Whose risk is older is asked for alone.
        ...{ reachDays: 30, pages: 10 },
      },
      asker,
      runtime,
    );
    this.detections = new RiskList(
      {
        ...{ path: '/identityProtection/riskDetections', changedAt: 'lastUpdatedDateTime', user: 'userId' },
        // As far as evidence looks for them: three times as long, and so three times as many.
        ...{ reachDays: 90, pages: 30 },
      },
      asker,
      runtime,
    );
    this.signIns = new GroupedRead(signInPaths, (call) => asker('signIns', call), runtime);
    this.changes = new GroupedRead(changePaths, (call) => asker('changes', call), runtime);
    let looks = 0;
    const owners = () => roleGroupOwners(asker('owners', looks++));
    this.owners = new SharedOnce(owners, ownersKeptMs, runtime);
  }

  /** @param asOf when the case last moved: nothing that was read before that is used for it */
  view(asOf: Instant): SharedView {
    return {
      riskyUsers: () => this.riskyUsers.read(asOf),
      detections: (later = asOf) => this.detections.read(later > asOf ? later : asOf),
      signIns: this.signIns,
      changes: this.changes,
      roleGroupOwners: () => this.owners.get(asOf),
    };
  }
}
