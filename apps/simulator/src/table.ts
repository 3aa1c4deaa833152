/** How many changes a table can look back over; older states are answered as of the oldest change kept. */
const maxChangesKept = 20_000;

/** Rows by id that remember what they were, so that a stale read can be answered truly. Rows are replaced, never mutated. */
export class Table<Row> {
  private readonly rows = new Map<string, Row>();
  private readonly changes: { atMs: number; id: string; before: Row | undefined }[] = [];

  get current(): ReadonlyMap<string, Row> {
    return this.rows;
  }

  set(id: string, row: Row, at: Date): void {
    this.remember(id, at);
    this.rows.set(id, row);
  }

  delete(id: string, at: Date): void {
    this.remember(id, at);
    this.rows.delete(id);
  }

  /** The rows as they were at that time. */
  asOf(at: Date): ReadonlyMap<string, Row> {
    const rows = new Map(this.rows);
    for (let i = this.changes.length - 1; i >= 0; i--) {
      const change = this.changes[i];
      if (change === undefined || change.atMs <= at.getTime()) continue;
      if (change.before === undefined) rows.delete(change.id);
      else rows.set(change.id, change.before);
    }
    return rows;
  }

  private remember(id: string, at: Date): void {
    this.changes.push({ atMs: at.getTime(), id, before: this.rows.get(id) });
    if (this.changes.length > maxChangesKept) this.changes.shift();
  }
}
