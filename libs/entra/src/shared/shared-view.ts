import type { GroupedRead } from './grouped-read';
import type { Listing } from './risk-list';

/** The shared reads for one case. */
export interface SharedView {
  riskyUsers(): Promise<Listing | null>;
  detections(): Promise<Listing | null>;
  signIns: Pick<GroupedRead, 'read'>;
  changes: Pick<GroupedRead, 'read'>;
}
