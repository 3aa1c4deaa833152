import type { Digest, Instant } from '@sallyport/evidence';
import type { DataSource } from 'typeorm';

/** `changed`: the same id came before, with other content. `noCase`: nothing was remembered. */
export type Received = 'first' | 'same' | 'changed' | 'noCase';

/**
 * Which activities of people have come in, for all processes and across restarts. It stands beside the messages that
 * opened cases, not in a case's log: many clicks leave no event, and a refused one that comes again later must still
 * not become a vote.
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
      `INSERT INTO sallyport.received_message (message_id, body_digest, case_id, received_at)
       SELECT $1, $2, case_id, $4 FROM sallyport.case_head WHERE case_id = $3
       ON CONFLICT (message_id) DO NOTHING RETURNING message_id`,
      [key, bodyDigest, caseId, at],
    );
    if (inserted.length === 1) return 'first';
    const [row]: { body_digest: string }[] = await this.db.query(
      'SELECT body_digest FROM sallyport.received_message WHERE message_id = $1',
      [key],
    );
    if (!row) return 'noCase';
    return row.body_digest === bodyDigest ? 'same' : 'changed';
  }
}
