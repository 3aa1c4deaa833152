import type { Instant } from '@sallyport/evidence';
import { EntraError } from '../entra-error';
import type { CallIds, GraphAsker } from '../graph-asker';
import type { Runtime } from '../retry';

export interface GroupAnswer {
  /** Rows of every user of the group; the reader takes those of its own. */
  rows: readonly unknown[];
  readAt: Instant;
  ids: CallIds;
}

interface Asked {
  userId: string;
  since: Instant;
  resolve: (answer: GroupAnswer | null) => void;
  reject: (error: unknown) => void;
}

/** Graph takes up to fifteen clauses of one "or" on directory objects; the logs say nothing, so the same bound. */
const groupMax = 15;
/** Long enough for the cases of one burst to meet, nothing against the seconds that the budget takes. */
const gatherMs = 50;

/**
 * Reads the logs of several users with one call: while one call waits for the budget, those who come meanwhile form
 * the next group. No page promises that user ids can be joined by "or": where Graph refuses, everybody is read alone
 * from then on.
 */
export class GroupedRead {
  private waiting: Asked[] = [];
  private running = false;
  private refused = false;
  private calls = 0;

  /** @param paths the queries whose rows together are what the users' logs hold since then */
  constructor(
    private readonly paths: (userIds: readonly string[], since: Instant) => readonly string[],
    private readonly asker: (call: number) => GraphAsker,
    private readonly runtime: Runtime,
  ) {}

  /**
   * @param userId a checked object id, lower case
   * @returns null where grouping does not work: read this user alone
   * @throws EntraError where Graph cannot be read now, or forbids it
   */
  read(userId: string, since: Instant): Promise<GroupAnswer | null> {
    if (this.refused) return Promise.resolve(null);
    return new Promise((resolve, reject) => {
      this.waiting.push({ userId, since, resolve, reject });
      void this.run();
    });
  }

  private async run(): Promise<void> {
    if (this.running) return;
    this.running = true;
    await this.runtime.sleep(gatherMs);
    while (this.waiting.length > 0) await this.readGroup(this.waiting.splice(0, groupMax));
    this.running = false;
  }

  /** Settles every member, and so never throws. */
  private async readGroup(group: readonly Asked[]): Promise<void> {
    try {
      const answer = this.refused ? null : await this.ask(group);
      for (const { resolve } of group) resolve(answer);
    } catch (error) {
      const together = error instanceof EntraError && error.status === 400;
      if (together) this.refused = true;
      // Too many rows for all of them together may be few enough for each.
      const alone = together || (error instanceof EntraError && error.code === 'tooManyPages');
      for (const { resolve, reject } of group) {
        if (alone) resolve(null);
        else reject(error);
      }
    }
  }

  private async ask(group: readonly Asked[]): Promise<GroupAnswer> {
    const [since = ''] = group.map((asked) => asked.since).sort();
    const users = [...new Set(group.map(({ userId }) => userId))];
    const readAt = this.runtime.now().toISOString();
    const graph = this.asker(this.calls++);
    const rows: unknown[] = [];
    for (const path of this.paths(users, since)) rows.push(...(await graph.rows(path)));
    return { rows, readAt, ids: graph.ids };
  }
}
