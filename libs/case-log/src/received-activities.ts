import type { Digest, Instant } from '@sallyport/evidence';
import { activityKeptMs } from '@sallyport/idempotency';
import type { DataSource } from 'typeorm';

/** `changed`: the same id came before, with other content. `noCase`: nothing was remembered. */
export type Received = 'first' | 'same' | 'changed' | 'noCase';

/** How many old ones each new one makes room for: more than one, so that their number falls after a rush. */
const forgottenMax = 20;

/**
 * Which activities of people have come in, for all processes and across restarts. It stands beside the case log and not
 * in it: many clicks leave no event, and a refused one that comes again later must still not become a vote. Anybody in a
 * conversation can click, so what cannot come again is forgotten.
 */
export class ReceivedActivities {
  constructor(private readonly db: DataSource) {}

  /** Remembers an activity by the digest of its id, before anything is done for it. */
  async receive(activity: {
    key: Digest;
    bodyDigest: Digest;
    caseId: string;
    at: Instant;
  }): Promise<Received> {
    const { key, bodyDigest, caseId, at } = activity;
    const inserted: unknown[] = await this.db.query(
      `INSERT INTO sallyport.received_click (key, body_digest, received_at)
       SELECT $1, $2, $4 FROM sallyport.case_head WHERE case_id = $3
       ON CONFLICT (key) DO NOTHING RETURNING key`,
      [key, bodyDigest, caseId, at],
    );
    if (inserted.length === 1) {
      await this.forgetOld(at);
      return 'first';
    }
    const [row]: { body_digest: string }[] = await this.db.query(
      'SELECT body_digest FROM sallyport.received_click WHERE key = $1',
      [key],
    );
    if (!row) return 'noCase';
    return row.body_digest === bodyDigest ? 'same' : 'changed';
  }

  private async forgetOld(at: Instant): Promise<void> {
    await this.db.query(
      `DELETE FROM sallyport.received_click WHERE key IN (
         SELECT key FROM sallyport.received_click WHERE received_at < $1
         ORDER BY received_at LIMIT ${forgottenMax} FOR UPDATE SKIP LOCKED)`,
      [new Date(Date.parse(at) - activityKeptMs).toISOString()],
    );
  }
}
