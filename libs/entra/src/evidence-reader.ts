import type {
  Change,
  Detection,
  Device,
  Instant,
  Manager,
  Reading,
  Registration,
  Risk,
  Roles,
  SignIn,
  Standing,
  UnknownReason,
  User,
} from '@sallyport/evidence';
import { ZodError } from 'zod';
import { changesFrom } from './change';
import { detectionsFrom } from './detection';
import { deviceFields, devicesFrom } from './device';
import { EntraError, type EntraErrorKind } from './entra-error';
import { GraphAsker, type Trace } from './graph-asker';
import type { GraphClient } from './graph-client';
import { filterOf, objectIdOf, odataTime } from './graph-query';
import { managerFrom } from './manager';
import { memberGroups } from './member-groups';
import { registrationFrom } from './registration';
import { readBounds, systemRuntime, type Runtime } from './retry';
import { neverAtRisk, riskFrom } from './risk';
import { assignedRolesFrom, directoryRolesFrom, distinctRoles, roleAssignableGroupsFrom } from './roles';
import { signInsFrom } from './sign-in';
import { Unknowable } from './unknowable';
import { userFields, userFrom } from './user';

/** Group ids of the configured lists. */
export type StandingGroups = Record<keyof Standing, readonly string[]>;

/** More role-assignable groups than one person plausibly has; each costs two calls. */
const roleGroupsMax = 20;
/** A window's newest sign-ins; the bound of the evidence. */
const signInsMax = 200;

/**
 * Reads every part of the evidence that the directory holds. No method throws for an answer of Graph, good or bad:
 * what cannot be known is an unknown reading with its reason. 429, 503, 504 and network errors are retried within
 * {@link readBounds} first.
 */
export class EvidenceReader {
  /** @param trace what `client-request-id` is derived from, so that Microsoft's logs lead back to the case */
  constructor(
    private readonly client: GraphClient,
    private readonly trace: Trace,
    private readonly runtime: Runtime = systemRuntime,
  ) {}

  user(id: string): Promise<Reading<User>> {
    return this.reading('user', 'GET /users/{id}', async (graph) => {
      const answer = await graph.get(`/users/${objectIdOf(id)}?$select=${userFields}`);
      return userFrom(answer.body);
    });
  }

  manager(id: string): Promise<Reading<Manager>> {
    return this.reading('manager', 'GET /users/{id}/manager', (graph) =>
      orWhenNotFound(null, async () => {
        const path = `/users/${objectIdOf(id)}/manager?$select=id,displayName,accountEnabled`;
        return managerFrom((await graph.get(path)).body);
      }),
    );
  }

  /** None of the three sources is complete alone: active roles, assignments of person and groups, eligibility. */
  roles(id: string): Promise<Reading<Roles>> {
    const call = 'GET /users/{id}/transitiveMemberOf, roleAssignments, roleEligibilityScheduleInstances';
    return this.reading('roles', call, async (graph) => {
      const userId = objectIdOf(id);
      const memberOf = `/users/${userId}/transitiveMemberOf`;
      const active = directoryRolesFrom(
        await graph.rows(`${memberOf}/microsoft.graph.directoryRole?$select=id,displayName,roleTemplateId`),
      );
      // No $select: Graph's default properties of a group hold what we need, and a directoryObject has none to name.
      const groups = roleAssignableGroupsFrom(await graph.rows(memberOf));
      if (groups.length > roleGroupsMax) {
        throw new Unknowable('invalid', `more than ${roleGroupsMax} role-assignable groups`);
      }
      const eligible: Roles['eligible'] = [];
      for (const principal of [userId, ...groups]) {
        const filter = filterOf(`principalId eq '${principal}'`);
        const directory = '/roleManagement/directory';
        active.push(
          ...assignedRolesFrom(
            await graph.rows(`${directory}/roleAssignments?${filter}&$expand=roleDefinition`),
          ),
        );
        eligible.push(
          ...assignedRolesFrom(await graph.rows(`${directory}/roleEligibilityScheduleInstances?${filter}`)),
        );
      }
      return {
        active: distinctRoles(active),
        eligible: distinctRoles(eligible),
        roleAssignableGroup: groups.length > 0,
      };
    });
  }

  /** Without a break-glass list nobody could be known not to be break-glass; the other lists may be empty. */
  standing(id: string, groups: StandingGroups): Promise<Reading<Standing>> {
    return this.reading('standing', 'POST /users/{id}/checkMemberGroups', async (graph) => {
      if (groups.breakGlass.length === 0) {
        throw new Unknowable('notConfigured', 'no break-glass group is configured');
      }
      const asked = [...groups.breakGlass, ...groups.serviceAccount, ...groups.vip];
      const member = await memberGroups(graph, objectIdOf(id), asked);
      const onList = (list: readonly string[]) => list.some((group) => member.has(group.toLowerCase()));
      return {
        breakGlass: onList(groups.breakGlass),
        serviceAccount: onList(groups.serviceAccount),
        vip: onList(groups.vip),
      };
    });
  }

  risk(id: string): Promise<Reading<Risk>> {
    return this.reading('risk', 'GET /identityProtection/riskyUsers/{id}', (graph) =>
      orWhenNotFound(neverAtRisk, async () => {
        const path = `/identityProtection/riskyUsers/${objectIdOf(id)}`;
        return riskFrom((await graph.get(path, { allEnumMembers: true })).body);
      }),
    );
  }

  detections(id: string, since: Instant): Promise<Reading<Detection[]>> {
    return this.reading('detections', 'GET /identityProtection/riskDetections', async (graph) => {
      const userId = objectIdOf(id);
      const list = (...conditions: string[]) =>
        graph.rows(`/identityProtection/riskDetections?${filterOf(...conditions)}&$top=500`, {
          allEnumMembers: true,
        });
      // No page lists which properties can be filtered. `userId` is in wide use; where it is refused, the documented
      // time filter is, and rows of other users are dropped here.
      const rows = await list(`userId eq '${userId}'`, `detectedDateTime ge ${odataTime(since)}`).catch(
        (error: unknown) => {
          if (!(error instanceof EntraError) || error.status !== 400) throw error;
          return list(`lastUpdatedDateTime gt ${odataTime(since)}`);
        },
      );
      return detectionsFrom(rows, userId, since);
    });
  }

  /** Interactive sign-ins, as v1.0 has no others: no row is not a proof that a stolen token was not used. */
  signIns(id: string, since: Instant): Promise<Reading<SignIn[]>> {
    return this.reading('signIns', 'GET /auditLogs/signIns', async (graph) => {
      const userId = objectIdOf(id);
      const filter = filterOf(`userId eq '${userId}'`, `createdDateTime ge ${odataTime(since)}`);
      const rows = await graph.rows(`/auditLogs/signIns?${filter}&$top=${signInsMax}`, {
        enough: signInsMax,
      });
      return signInsFrom(rows, userId, since);
    });
  }

  /** Rows that name the user as target, and those that the user began: a consent names only the application. */
  changes(id: string, since: Instant, ourAppIds: readonly string[]): Promise<Reading<Change[]>> {
    return this.reading('changes', 'GET /auditLogs/directoryAudits', async (graph) => {
      const userId = objectIdOf(id);
      const window = `activityDateTime ge ${odataTime(since)}`;
      const rows: unknown[] = [];
      for (const condition of [
        `targetResources/any(t: t/id eq '${userId}')`,
        `initiatedBy/user/id eq '${userId}'`,
      ]) {
        rows.push(
          ...(await graph.rows(`/auditLogs/directoryAudits?${filterOf(window, condition)}&$top=200`)),
        );
      }
      return changesFrom(rows, userId, since, ourAppIds);
    });
  }

  devices(id: string): Promise<Reading<Device[]>> {
    return this.reading('devices', 'GET /users/{id}/registeredDevices', async (graph) =>
      devicesFrom(await graph.rows(`/users/${objectIdOf(id)}/registeredDevices?$select=${deviceFields}`)),
    );
  }

  /** A report that lags by hours and lacks new users and guests: no row tells nothing. */
  registration(id: string): Promise<Reading<Registration>> {
    const call = 'GET /reports/authenticationMethods/userRegistrationDetails/{id}';
    return this.reading('registration', call, async (graph) => {
      const path = `/reports/authenticationMethods/userRegistrationDetails/${objectIdOf(id)}`;
      return registrationFrom((await graph.get(path)).body);
    });
  }

  private async reading<T>(
    part: string,
    call: string,
    read: (graph: GraphAsker) => Promise<T>,
  ): Promise<Reading<T>> {
    const graph = new GraphAsker(this.client, this.runtime, readBounds, [...this.trace, part]);
    // The moment before the first request: a fact is never taken for newer than it is.
    const readAt = this.runtime.now().toISOString();
    const source = () => {
      const { requestId, clientRequestId } = graph;
      return { call, requestId, clientRequestId, readAt };
    };
    try {
      const value = await read(graph);
      return { state: 'known', value, source: source() };
    } catch (error) {
      return { state: 'unknown', ...unknownFrom(error), source: source() };
    }
  }
}

const reasonByKind: Record<EntraErrorKind, UnknownReason> = {
  throttled: 'unavailable',
  unavailable: 'unavailable',
  forbidden: 'forbidden',
  notFound: 'notFound',
  invalidAnswer: 'invalid',
  rejected: 'invalid',
};

/** Rethrows what is our own mistake. Details name fields and codes, never values: values are personal data. */
function unknownFrom(error: unknown): { reason: UnknownReason; detail: string } {
  if (error instanceof Unknowable) return { reason: error.reason, detail: error.detail };
  if (error instanceof EntraError) return { reason: reasonByKind[error.kind], detail: error.message };
  if (error instanceof ZodError) {
    const fields = error.issues.slice(0, 5).map((issue) => issue.path.join('.'));
    return { reason: 'invalid', detail: `unexpected answer at ${fields.join(', ')}`.slice(0, 500) };
  }
  throw error;
}

async function orWhenNotFound<T>(absent: T, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof EntraError && error.kind === 'notFound') return absent;
    throw error;
  }
}
