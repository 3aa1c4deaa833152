import type { Instant, Risk } from '@sallyport/evidence';
import { ZodError } from 'zod';
import { EntraError } from './entra-error';
import { GraphAsker, type Trace } from './graph-asker';
import type { GraphClient } from './graph-client';
import { objectIdOf } from './graph-query';
import { readBounds, systemRuntime, type Runtime } from './retry';
import { neverAtRisk, riskFrom } from './risk';
import { userFields, userFrom } from './user';

/** What proves or disproves the executor's steps. */
export interface AccountState {
  risk: Risk;
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

  /** @throws EntraError where either half stays unknown after bounded retries. */
  async state(subjectId: string, trace: Trace): Promise<AccountState> {
    const id = objectIdOf(subjectId);
    const graph = new GraphAsker(this.client, this.runtime, readBounds, [...trace, 'read-back']);
    try {
      const user = userFrom((await graph.get(`/users/${id}?$select=${userFields}`)).body, null);
      return {
        risk: await this.risk(graph, id),
        sessionsValidFrom: user.sessionsValidFrom,
        lastPasswordChangeAt: user.lastPasswordChangeAt,
        accountEnabled: user.accountEnabled,
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
