import { type SurfaceName } from './surface';

/** Enough for the longest scenario run; the oldest are forgotten first. */
const maxWritesKept = 50_000;

/** One thing that a caller asked to change. A call for several users is several writes. */
export interface WriteRequest {
  /** What it is to the domain, for example `revokeSessions`, `dismissRisk`, `ticketPatch`, `cardPosted`. */
  operation: string;
  /** The row written. */
  target: string;
  /** Whom or what it is about: ids of users, `sys_id`s of incidents. */
  subjects: string[];
  detail?: Record<string, unknown>;
}

export interface Write extends WriteRequest {
  sequence: number;
  surface: SurfaceName;
  at: string;
  clientRequestId: string | null;
  /** Whether the tenant changed. */
  applied: boolean;
  /** What the caller was told; null where the connection broke. */
  status: number | null;
  fault: string | null;
}

/** Every write that reached the tenant, refused ones too: what a scenario counts. */
export class WriteLog {
  private readonly writes: Write[] = [];
  private sequence = 0;

  add(write: Omit<Write, 'sequence'>): void {
    this.writes.push({ sequence: ++this.sequence, ...write });
    if (this.writes.length > maxWritesKept) this.writes.shift();
  }

  about(subject: string | undefined): Write[] {
    return this.writes.filter((write) => subject === undefined || write.subjects.includes(subject));
  }

  /** Per operation: how often it was asked for, and how often it took effect. */
  static count(writes: readonly Write[]): Record<string, { asked: number; applied: number }> {
    const counts: Record<string, { asked: number; applied: number }> = {};
    for (const { operation, applied } of writes) {
      const count = (counts[operation] ??= { asked: 0, applied: 0 });
      count.asked += 1;
      if (applied) count.applied += 1;
    }
    return counts;
  }
}
