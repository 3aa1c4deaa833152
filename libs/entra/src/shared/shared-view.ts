import type { Instant } from '@sallyport/evidence';
import type { GroupedRead } from './grouped-read';
import type { Listing } from './risk-list';

/** The shared reads for one case. */
export interface SharedView {
  riskyUsers(): Promise<Listing | null>;
  /** @param asOf where it must be younger than the case demands */
  detections(asOf?: Instant): Promise<Listing | null>;
  signIns: Pick<GroupedRead, 'read'>;
  changes: Pick<GroupedRead, 'read'>;
  /** See {@link roleGroupOwners}. */
  roleGroupOwners(): Promise<ReadonlySet<string>>;
}
