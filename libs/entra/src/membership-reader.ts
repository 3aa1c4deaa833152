import {
  approverRoles,
  objectIdSchema,
  untrusted,
  type ApproverRole,
  type Untrusted,
} from '@sallyport/evidence';
import { z, ZodError } from 'zod';
import { EntraError } from './entra-error';
import { GraphAsker, type Trace } from './graph-asker';
import type { GraphClient } from './graph-client';
import { objectIdOf } from './graph-query';
import { managerFrom } from './manager';
import { memberGroups } from './member-groups';
import { systemRuntime, type RetryBounds, type Runtime } from './retry';
import { riskFrom } from './risk';

export interface Voter {
  id: string;
  displayName: Untrusted;
  accountEnabled: boolean;
  /** A member of this tenant; false for guests and where the directory does not say. */
  member: boolean;
  roles: ApproverRole[];
  /** The voter's own account is at risk, or the directory could not rule it out. */
  atRisk: boolean;
}

/** The group whose members hold a role. */
export type RoleGroups = { readonly [Role in ApproverRole]?: string | undefined };

/** Teams gives an invoke 10 to 15 s: one short retry, then the person is asked to click again. */
const clickBounds: RetryBounds = { maxAttempts: 2, baseDelayMs: 500, maxDelayMs: 1_500 };

const voterRowSchema = z.object({
  id: objectIdSchema,
  displayName: z.string().nullish(),
  accountEnabled: z.boolean().nullish(),
  userType: z.string().nullish(),
  userPrincipalName: z.string().nullish(),
});

/** Asks the directory, at click time, who a voter is. Nothing is cached: rights may be gone a minute later. */
export class MembershipReader {
  /** @param client with a timeout of a few seconds; see {@link clickBounds} */
  constructor(
    private readonly client: GraphClient,
    private readonly runtime: Runtime = systemRuntime,
  ) {}

  /**
   * @param groups the group that holds each role; a role without one is held by nobody. `manager` needs no group:
   * it is held by the subject's manager in the directory.
   * @throws EntraError where anything stays unknown; the vote is then refused, never taken unverified.
   */
  async voter(id: string, groups: RoleGroups, subjectId: string, trace: Trace): Promise<Voter> {
    const voterId = objectIdOf(id);
    const asker = (part: string) => new GraphAsker(this.client, this.runtime, clickBounds, [...trace, part]);
    try {
      const [person, roles, atRisk, isManager] = await Promise.all([
        this.person(asker('voter'), voterId),
        this.groupRoles(asker('voter-groups'), voterId, groups),
        this.atRisk(asker('voter-risk'), voterId),
        this.isManagerOf(asker('subject-manager'), voterId, objectIdOf(subjectId)),
      ]);
      return { ...person, roles: isManager ? [...roles, 'manager'] : roles, atRisk };
    } catch (error) {
      if (!(error instanceof ZodError)) throw error;
      throw new EntraError({ kind: 'invalidAnswer', status: 200, code: 'wrongShape', cause: error });
    }
  }

  private async person(graph: GraphAsker, voterId: string) {
    const fields = 'id,displayName,accountEnabled,userType,userPrincipalName';
    const row = voterRowSchema.parse((await graph.get(`/users/${voterId}?$select=${fields}`)).body);
    const external = row.userPrincipalName?.toUpperCase().includes('#EXT#') ?? true;
    return {
      id: row.id,
      displayName: untrusted(row.displayName ?? ''),
      accountEnabled: row.accountEnabled === true,
      member: row.userType?.toLowerCase() === 'member' && !external,
    };
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

  private async atRisk(graph: GraphAsker, voterId: string): Promise<boolean> {
    try {
      const path = `/identityProtection/riskyUsers/${voterId}`;
      const risk = riskFrom((await graph.get(path, { allEnumMembers: true })).body);
      const settled = ['none', 'confirmedSafe', 'remediated', 'dismissed'].includes(risk.state);
      return !settled || risk.processing;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }

  private async isManagerOf(graph: GraphAsker, voterId: string, subjectId: string): Promise<boolean> {
    try {
      const path = `/users/${subjectId}/manager?$select=id,displayName,accountEnabled`;
      return managerFrom((await graph.get(path)).body).id === voterId;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }
}

const isNotFound = (error: unknown) => error instanceof EntraError && error.kind === 'notFound';
