import type { Instant } from '@sallyport/evidence';
import { z } from 'zod';
import { EntraError } from '../entra-error';
import type { CallIds, GraphAsker } from '../graph-asker';
import { filterOf, odataTime } from '../graph-query';
import { graphInstantOrNull } from '../graph-values';
import type { Runtime } from '../retry';

/** A list of the whole tenant as it stood at `readAt`. Rows are as Graph sent them. */
export interface Listing {
  byId: ReadonlyMap<string, unknown>;
  /** The rows about one user, by lower-case object id. */
  byUser: ReadonlyMap<string, readonly unknown[]>;
  /** Rows that changed since then are all here; of older ones the list knows nothing. */
  since: Instant;
  readAt: Instant;
  ids: CallIds;
}

export interface ListSpec {
  path: string;
  /** The documented time filter of this list. */
  changedAt: 'riskLastUpdatedDateTime' | 'lastUpdatedDateTime';
  /** Which property names the user. */
  user: 'id' | 'userId';
  /** How far back it goes. */
  reachDays: number;
  /** More pages, of 500 rows each, make it no list. */
  pages: number;
}

/**
 * How old a list may be, whoever asks. It must also be younger than the case that asks, so this bounds only how long
 * cases that have been waiting share one look. The executor never uses it.
 */
const usableMs = 10 * 60_000;
/** After this the rows are dropped: nobody's risk is kept in memory for longer. */
const keptMs = 15 * 60_000;
const dayMs = 24 * 60 * 60_000;
/**
 * A list goes back so much further than it must: a case counts from when it began to ask, which is a little before the look,
 * and longer before where the look waited for the budget.
 */
const beforeMs = 60 * 60_000;
/** Whoever asked within so long counts as asking now: a look at a long list takes about that. */
const askingMs = 60_000;
/** The most rows that Graph sends on one page of it. */
const pageRows = 500;
/** A tenant that was too big for the list is asked user by user for so long. */
const unlistableMs = 60 * 60_000;

const rowSchema = z.looseObject({ id: z.string(), userId: z.string().nullish() });
const changedSchema = z.object({ at: graphInstantOrNull });

/**
 * One list of risk for all cases of this process. Each look reads the whole window: rows can become visible long after
 * the time they carry, so a look at "what changed since" would miss them and take them for absent. Several who ask at
 * once share one look (single flight). It lives in the memory of the process, because rows are personal data and the store
 * that replicas share may be Redis.
 */
export class RiskList {
  private listing: Listing | null = null;
  private looking: { startedMs: number; listing: Promise<Listing> } | null = null;
  private unlistableUntilMs = 0;
  private looks = 0;
  /** What the last look took of the budget, which one user alone takes one call of. */
  private lastPages = 1;
  private askedMs: number[] = [];

  constructor(
    private readonly spec: ListSpec,
    private readonly asker: (part: string, look: number) => GraphAsker,
    private readonly runtime: Runtime,
  ) {}

  /**
   * @param asOf when the case last moved: an older list could lack what the case is about
   * @returns null where this tenant cannot be listed (too many rows, or the filter is refused), or where a list would take
   *   more calls than were asked of it within a minute: ask for the user alone
   * @throws EntraError where Graph cannot be read now, or forbids it
   */
  async read(asOf: Instant): Promise<Listing | null> {
    const now = this.runtime.now().getTime();
    if (now < this.unlistableUntilMs) return null;
    // Another host's clock may be ahead of ours; nothing can be read later than now.
    const neededMs = Math.max(Math.min(Date.parse(asOf), now), now - usableMs);
    if (this.listing && Date.parse(this.listing.readAt) >= neededMs) return this.listing;
    this.askedMs = [...this.askedMs.filter((at) => at > now - askingMs), now].slice(-this.spec.pages);
    const joinable = this.looking && this.looking.startedMs >= neededMs;
    if (!joinable && this.lastPages > this.askedMs.length) return null;
    try {
      // A look that began too early ends first: two at once would cost the budget twice.
      if (this.looking && this.looking.startedMs < neededMs) await this.looking.listing;
      this.looking ??= { startedMs: now, listing: this.look(now).finally(() => (this.looking = null)) };
      return await this.looking.listing;
    } catch (error) {
      if (!isUnlistable(error)) throw error;
      this.unlistableUntilMs = now + unlistableMs;
      this.listing = null;
      return null;
    }
  }

  private async look(now: number): Promise<Listing> {
    const since = new Date(now - this.spec.reachDays * dayMs - beforeMs).toISOString();
    const graph = this.asker(this.spec.path, this.looks++);
    const filter = filterOf(`${this.spec.changedAt} gt ${odataTime(since)}`);
    const path = `${this.spec.path}?${filter}&$top=${pageRows}`;
    const rows = await graph.rows(path, { allEnumMembers: true }, this.spec.pages);
    this.lastPages = Math.ceil(rows.length / pageRows);
    const byId = new Map<string, unknown>();
    // A page may repeat a row in an older version.
    for (const row of rows) {
      const { id } = rowSchema.parse(row);
      if (this.changedAt(byId.get(id)) <= this.changedAt(row)) byId.set(id, row);
    }
    this.listing = {
      byId,
      byUser: groupBy([...byId.values()], (row) => this.userOf(row)),
      since,
      readAt: new Date(now).toISOString(),
      ids: graph.ids,
    };
    this.forgetLater();
    return this.listing;
  }

  private forgetLater(): void {
    const listing = this.listing;
    setTimeout(() => {
      if (this.listing === listing) this.listing = null;
    }, keptMs).unref();
  }

  private changedAt(row: unknown): string {
    const at = typeof row === 'object' && row !== null ? Reflect.get(row, this.spec.changedAt) : null;
    return changedSchema.safeParse({ at }).data?.at ?? '';
  }

  private userOf(row: unknown): string {
    const { id, userId } = rowSchema.parse(row);
    return (this.spec.user === 'id' ? id : (userId ?? '')).toLowerCase();
  }
}

const isUnlistable = (error: unknown) =>
  error instanceof EntraError && (error.code === 'tooManyPages' || error.status === 400);

function groupBy(rows: readonly unknown[], keyOf: (row: unknown) => string): Map<string, unknown[]> {
  const groups = new Map<string, unknown[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group) group.push(row);
    else groups.set(keyOf(row), [row]);
  }
  return groups;
}
