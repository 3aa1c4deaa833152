import type { Instant } from '@sallyport/evidence';
import type { DataSource } from 'typeorm';

/** What is known about an effect: never begun, begun with an unknown end, or done with its result. */
export type EffectState = { kind: 'fresh' } | { kind: 'started' } | { kind: 'done'; result: unknown };

/**
 * The ledger of writes outside Graph. `begin` is committed before the call and `finish` after it, so a crash between
 * them is visible as `started` on the next attempt.
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
    const [row]: { finished_at: Date | null; result: unknown }[] = await this.db.query(
      'SELECT finished_at, result FROM sallyport.effect WHERE key = $1',
      [effect.key],
    );
    return row?.finished_at ? { kind: 'done', result: row.result } : { kind: 'started' };
  }

  /** Records the result. A second call keeps the first result. */
  async finish(key: string, at: Instant, result: unknown): Promise<void> {
    await this.db.query(
      'UPDATE sallyport.effect SET finished_at = $2, result = $3 WHERE key = $1 AND finished_at IS NULL',
      [key, at, JSON.stringify(result)],
    );
  }
}
