import type { Instant } from '@sallyport/evidence';
import type { DataSource } from 'typeorm';

/** How far polls have read, in the clock of the system that is polled. */
export class Watermarks {
  constructor(private readonly db: DataSource) {}

  async read(name: string): Promise<Instant | null> {
    const [row]: { at: Date }[] = await this.db.query('SELECT at FROM sallyport.watermark WHERE name = $1', [
      name,
    ]);
    return row ? row.at.toISOString() : null;
  }

  /** Moves forward only: a slow replica cannot take back what another has read since. */
  async advance(name: string, at: Instant): Promise<void> {
    await this.db.query(
      `INSERT INTO sallyport.watermark AS known (name, at) VALUES ($1, $2)
       ON CONFLICT (name) DO UPDATE SET at = GREATEST(known.at, EXCLUDED.at)`,
      [name, at],
    );
  }
}

/**
 * Keeps replicas from doing one thing at the same time. A lease, not an advisory lock: the work is a call to another
 * system, which may take its time, and an advisory lock would hold one of a few connections all the while, and would
 * not hold at all behind a pooler that shares connections between transactions. A holder that dies lets others wait
 * until its lease runs out. Whatever is done under a lease must stay right where two do it all the same: clocks differ.
 */
export class Leases {
  constructor(private readonly db: DataSource) {}

  /** @returns whether nobody else holds it */
  async claim(name: string, now: Instant, until: Instant): Promise<boolean> {
    const claimed: unknown[] = await this.db.query(
      `INSERT INTO sallyport.lease AS held (name, until) VALUES ($1, $3)
       ON CONFLICT (name) DO UPDATE SET until = EXCLUDED.until WHERE held.until <= $2 RETURNING name`,
      [name, now, until],
    );
    return claimed.length === 1;
  }

  /** Gives it back, unless it ran out and is another's by now. */
  async release(name: string, until: Instant): Promise<void> {
    await this.db.query('DELETE FROM sallyport.lease WHERE name = $1 AND until = $2', [name, until]);
  }
}
