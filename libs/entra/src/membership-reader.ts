import {
  approverRoles,
  objectIdSchema,
  untrusted,
  type ApproverRole,
  type Untrusted,
} from '@sallyport/evidence';
import { z, ZodError } from 'zod';
import { EntraError } from './entra-error';
import { GraphAsker, pastDeadline, type Trace } from './graph-asker';
import type { GraphClient } from './graph-client';
import { objectIdOf } from './graph-query';
import { managerFrom } from './manager';
import { memberGroups } from './member-groups';
import { systemRuntime, type RetryBounds, type Runtime } from './retry';
import { VoterRisk } from './voter-risk';

export interface VoterRights {
  id: string;
  displayName: Untrusted;
  accountEnabled: boolean;
  /** A member of this tenant; false for guests and where the directory does not say. */
  member: boolean;
  roles: ApproverRole[];
  /** The subject is the voter's manager, or a manager further up. */
  reportsToSubject: boolean;
}

/** The directory has no such account: deleted, or too new for the replica that was asked. */
export const unknownPerson = 'unknownPerson';

/** The group whose members hold a role. */
export type RoleGroups = { readonly [Role in ApproverRole]?: string | undefined };

/** Teams gives an invoke 10 to 15 s: one short retry, then the person is asked to click again. */
const clickBounds: RetryBounds = { maxAttempts: 2, baseDelayMs: 500, maxDelayMs: 1_500 };

/**
 * How far up a voter's managers are followed: more than any organisation has, so that beyond it something is wrong and
 * the vote is not taken. Graph has `$expand=manager($levels=max)`, which we could not try on a tenant; step by step
 * needs nothing but the plain read.
 */
const maxReportingLevels = 20;

/** Everything that is asked for one click: Teams gives up on it soon after. */
const voterMs = 10_000;

const voterRowSchema = z.object({
  id: objectIdSchema,
  displayName: z.string().nullish(),
  accountEnabled: z.boolean().nullish(),
  userType: z.string().nullish(),
  userPrincipalName: z.string().nullish(),
});

const memberRowSchema = z.object({ id: objectIdSchema, '@odata.type': z.string() });

/** Asks the directory, at click time, who a voter is. No right is cached: it may be gone a minute later. */
export class MembershipReader {
  private readonly risk: VoterRisk;

  /** @param client with a timeout of a few seconds; see {@link clickBounds} */
  constructor(
    private readonly client: GraphClient,
    private readonly runtime: Runtime = systemRuntime,
    private readonly withinMs = voterMs,
  ) {
    this.risk = new VoterRisk(client, runtime, clickBounds);
  }

  /** Bounds all that is asked for one click, with every wait and repetition. */
  deadline(): AbortSignal {
    return AbortSignal.timeout(this.withinMs);
  }

  /**
   * What the directory says; it has room for everybody who clicks.
   *
   * @param groups the group that holds each role; a role without one is held by nobody. `manager` needs no group:
   * it is held by the subject's manager in the directory.
   * @param subjectId whom the case is about; null where nobody knows: then nobody is their manager or reports to them
   * @param manager false: this person cannot hold that role here, so that it need not be asked for
   * @throws EntraError where anything stays unknown; the vote is then refused, never taken unverified. After the
   * deadline that is so whatever is still being asked. With the code {@link unknownPerson} where there is no such account.
   */
  async rights(
    id: string,
    groups: RoleGroups,
    subjectId: string | null,
    trace: Trace,
    { manager = true, signal = this.deadline() }: { manager?: boolean; signal?: AbortSignal } = {},
  ): Promise<VoterRights> {
    const voterId = objectIdOf(id);
    const subject = subjectId === null ? null : objectIdOf(subjectId);
    const asker = (part: string) =>
      new GraphAsker(this.client, this.runtime, clickBounds, [...trace, part], signal);
    const person = this.person(asker('voter'), voterId);
    const [row, roles, managerId, reportsToSubject] = await inShape(
      before(
        signal,
        Promise.all([
          person,
          this.groupRoles(asker('voter-groups'), voterId, groups),
          manager && subject !== null ? this.managerOf(asker('subject-manager'), subject) : null,
          subject !== null && this.reportsTo(asker('voter-managers'), voterId, subject),
        ]).catch(async (error: unknown) => {
          // Other readings about somebody who is not there say so too; only their own makes it certain.
          if (isNotFound(error)) await person;
          throw error;
        }),
      ),
    );
    return { ...row, roles: managerId === voterId ? [...roles, 'manager'] : roles, reportsToSubject };
  }

  /**
   * Whether the voter's own account is at risk, by a reading of Identity Protection that is a few seconds older than
   * the question at most. It has one call per second for the whole tenant: ask it of those alone whose vote would count.
   *
   * @throws EntraError where it stays unknown
   */
  atRisk(id: string, trace: Trace, signal = this.deadline()): Promise<boolean> {
    const voterId = objectIdOf(id);
    return inShape(before(signal, this.risk.atRisk(voterId, [...trace, 'voter-risk'], signal)));
  }

  /** Begins what {@link atRisk} will ask for, where it can be shared. Nothing comes of it but that it is there sooner. */
  expectVoter(): void {
    this.risk.expect();
  }

  /**
   * Object ids of people in a group, directly or through other groups, at most `most`. Whom to tell, never who may
   * vote.
   * @throws EntraError
   */
  async members(groupId: string, most: number, trace: Trace): Promise<string[]> {
    const asker = new GraphAsker(this.client, this.runtime, clickBounds, trace);
    const path = `/groups/${objectIdOf(groupId)}/transitiveMembers?$select=id&$top=100`;
    const rows = z.array(memberRowSchema).safeParse(await asker.rows(path));
    if (!rows.success) throw new EntraError({ kind: 'invalidAnswer', status: 200, code: 'wrongShape' });
    const people = rows.data.filter((row) => row['@odata.type'] === '#microsoft.graph.user');
    return people.map(({ id }) => id).slice(0, most);
  }

  private async person(graph: GraphAsker, voterId: string) {
    const fields = 'id,displayName,accountEnabled,userType,userPrincipalName';
    const row = voterRowSchema.parse(await this.rowOf(graph, `/users/${voterId}?$select=${fields}`));
    const external = row.userPrincipalName?.toUpperCase().includes('#EXT#') ?? true;
    return {
      id: row.id,
      displayName: untrusted(row.displayName ?? ''),
      accountEnabled: row.accountEnabled === true,
      member: row.userType?.toLowerCase() === 'member' && !external,
    };
  }

  private async rowOf(graph: GraphAsker, path: string): Promise<unknown> {
    try {
      return (await graph.get(path)).body;
    } catch (error) {
      if (!isNotFound(error)) throw error;
      throw new EntraError({ kind: 'notFound', status: 404, code: unknownPerson, cause: error });
    }
  }

  private async groupRoles(graph: GraphAsker, voterId: string, groups: RoleGroups): Promise<ApproverRole[]> {
    const configured = approverRoles.flatMap((role) => {
      const group = role === 'manager' ? undefined : groups[role];
      return group === undefined ? [] : [[role, group.toLowerCase()] as const];
    });
    if (configured.length === 0) return [];
    const member = await memberGroups(
      graph,
      voterId,
      configured.map(([, group]) => group),
    );
    return configured.filter(([, group]) => member.has(group)).map(([role]) => role);
  }

  /** @throws EntraError also for a line that is too long to follow to its end */
  private async reportsTo(graph: GraphAsker, voterId: string, subjectId: string): Promise<boolean> {
    const line = new Set([voterId]);
    let managerId = await this.managerOf(graph, voterId);
    while (managerId !== null && managerId !== subjectId && !line.has(managerId)) {
      line.add(managerId);
      if (line.size > maxReportingLevels) {
        throw new EntraError({ kind: 'invalidAnswer', status: null, code: 'reportingLineTooLong' });
      }
      managerId = await this.managerOf(graph, managerId);
    }
    return managerId === subjectId;
  }

  private async managerOf(graph: GraphAsker, userId: string): Promise<string | null> {
    try {
      const path = `/users/${userId}/manager?$select=id,displayName,accountEnabled`;
      return managerFrom((await graph.get(path)).body).id;
    } catch (error) {
      if (isNotFound(error)) return null;
      throw error;
    }
  }
}

/** The wait for the budget and for a repetition ends with the signal too; what was being asked comes to nothing. */
async function before<T>(signal: AbortSignal, answers: Promise<T>): Promise<T> {
  let late: () => void = () => undefined;
  const deadline = new Promise<never>((_, reject) => {
    late = () => reject(pastDeadline(true));
    signal.addEventListener('abort', late, { once: true });
  });
  // It says so only once, and not to whoever comes later.
  if (signal.aborted) late();
  try {
    return await Promise.race([deadline, answers]);
  } finally {
    signal.removeEventListener('abort', late);
  }
}

async function inShape<T>(answers: Promise<T>): Promise<T> {
  try {
    return await answers;
  } catch (error) {
    if (!(error instanceof ZodError)) throw error;
    throw new EntraError({ kind: 'invalidAnswer', status: 200, code: 'wrongShape', cause: error });
  }
}

const isNotFound = (error: unknown) => error instanceof EntraError && error.kind === 'notFound';
