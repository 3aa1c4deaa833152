import type { Instant, Risk } from '@sallyport/evidence';
import { ZodError } from 'zod';
import { EntraError } from './entra-error';
import { GraphAsker, type Trace } from './graph-asker';
import type { GraphClient } from './graph-client';
import { objectIdOf } from './graph-query';
import { readBounds, systemRuntime, type Runtime } from './retry';
import { neverAtRisk, riskFrom } from './risk';
import { userFields, userFrom } from './user';

/** The two readings that an account is known by: its row in the directory, and its risk. */
export type AccountPart = 'user' | 'risk';

/** What proves or disproves the executor's steps. A part that was not asked for is null. */
export interface AccountState {
  risk: Risk | null;
  sessionsValidFrom: Instant | null;
  lastPasswordChangeAt: Instant | null;
  accountEnabled: boolean | null;
}

/** Reads an account back after a write. The directory is eventually consistent: ask again for minutes. */
export class AccountReader {
  constructor(
    private readonly client: GraphClient,
    private readonly runtime: Runtime = systemRuntime,
  ) {}

  /**
   * @param parts what to read; the risk costs a second of the tenant's budget
   * @param urgent asks once, before all others, and without company: where seconds count more than an answer
   * @throws EntraError where a part stays unknown after bounded retries
   */
  async state(
    subjectId: string,
    trace: Trace,
    parts: readonly AccountPart[] = ['user', 'risk'],
    urgent = false,
  ): Promise<AccountState> {
    const id = objectIdOf(subjectId);
    const bounds = urgent ? { ...readBounds, maxAttempts: 1 } : readBounds;
    const client: GraphClient = urgent
      ? { ...this.client, priority: 'containment', directoryBatch: null }
      : this.client;
    const graph = new GraphAsker(client, this.runtime, bounds, [...trace, 'read-back']);
    try {
      const user = parts.includes('user')
        ? userFrom((await graph.get(`/users/${id}?$select=${userFields}`)).body, null)
        : null;
      return {
        risk: parts.includes('risk') ? await this.risk(graph, id) : null,
        sessionsValidFrom: user?.sessionsValidFrom ?? null,
        lastPasswordChangeAt: user?.lastPasswordChangeAt ?? null,
        accountEnabled: user?.accountEnabled ?? null,
      };
    } catch (error) {
      if (!(error instanceof ZodError)) throw error;
      throw new EntraError({ kind: 'invalidAnswer', status: 200, code: 'wrongShape', cause: error });
    }
  }

  private async risk(graph: GraphAsker, id: string): Promise<Risk> {
    try {
      const answer = await graph.get(`/identityProtection/riskyUsers/${id}`, { allEnumMembers: true });
      return riskFrom(answer.body);
    } catch (error) {
      if (error instanceof EntraError && error.kind === 'notFound') return neverAtRisk;
      throw error;
    }
  }
}
