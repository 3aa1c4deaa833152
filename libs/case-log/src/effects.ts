import type { Instant } from '@sallyport/evidence';
import type { DataSource } from 'typeorm';

/** What is known about an effect: never begun, begun at this time with an unknown end, or done with its result. */
export type EffectState =
  { kind: 'fresh' } | { kind: 'started'; startedAt: Instant } | { kind: 'done'; result: unknown };

/** Since an attempt that was given back, as long as anybody could wait for. */
export const givenBackAt: Instant = '1970-01-01T00:00:00.000Z';

/**
 * The ledger of writes outside Graph. `begin` is committed before the call and `finish` after it, so a crash between
 * them is visible as `started` on the next attempt. So is a call that another process makes at this moment: only the
 * time since `startedAt` tells the two apart.
 */
export class EffectLedger {
  constructor(private readonly db: DataSource) {}

  /** Claims an effect for this attempt and says what earlier attempts left behind. */
  async begin(effect: { key: string; caseId: string; kind: string; at: Instant }): Promise<EffectState> {
    const inserted: unknown[] = await this.db.query(
      `INSERT INTO sallyport.effect (key, case_id, kind, started_at) VALUES ($1, $2, $3, $4)
       ON CONFLICT (key) DO NOTHING RETURNING key`,
      [effect.key, effect.caseId, effect.kind, effect.at],
    );
    if (inserted.length === 1) return { kind: 'fresh' };
    const [row]: { started_at: Date; finished_at: Date | null; result: unknown }[] = await this.db.query(
      'SELECT started_at, finished_at, result FROM sallyport.effect WHERE key = $1',
      [effect.key],
    );
    if (row?.finished_at) return { kind: 'done', result: row.result };
    return { kind: 'started', startedAt: row?.started_at.toISOString() ?? effect.at };
  }

  /**
   * Claims an effect whose attempt is given up for dead, for writes that may be repeated under the same key.
   * @returns whether nobody else has done so, or finished it, since it was read
   */
  async takeOver(key: string, startedAt: Instant, at: Instant): Promise<boolean> {
    const [taken]: [unknown[], number] = await this.db.query(
      `UPDATE sallyport.effect SET started_at = $3
       WHERE key = $1 AND started_at = $2 AND finished_at IS NULL RETURNING key`,
      [key, startedAt, at],
    );
    return taken.length === 1;
  }

  /** Lets the next attempt take over at once: this one has ended, and not as it should. */
  async giveBack(key: string, startedAt: Instant): Promise<void> {
    await this.takeOver(key, startedAt, givenBackAt);
  }

  /** Records the result. A second call keeps the first result. */
  async finish(key: string, at: Instant, result: unknown): Promise<void> {
    await this.db.query(
      'UPDATE sallyport.effect SET finished_at = $2, result = $3 WHERE key = $1 AND finished_at IS NULL',
      [key, at, JSON.stringify(result)],
    );
  }

  /** The results of those of these effects that are done, in the order of the keys. */
  async results(keys: readonly string[]): Promise<unknown[]> {
    const rows: { result: unknown }[] = await this.db.query(
      `SELECT result FROM sallyport.effect WHERE key = ANY($1) AND finished_at IS NOT NULL
       ORDER BY array_position($1, key)`,
      [keys],
    );
    return rows.map(({ result }) => result);
  }
}
