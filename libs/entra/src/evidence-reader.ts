import type {
  Campaign,
  Change,
  Detection,
  Device,
  Instant,
  Manager,
  Reading,
  Registration,
  Risk,
  RiskHistoryItem,
  RiskEpisode,
  Roles,
  SignIn,
  Source,
  Standing,
  User,
} from '@sallyport/evidence';
import { campaignFrom, campaignMoments, campaignSpans } from './campaign';
import { changesFrom } from './change';
import { detectionsFrom } from './detection';
import { deviceFields, devicesFrom } from './device';
import { EntraError } from './entra-error';
import { type CallIds, GraphAsker, type Trace } from './graph-asker';
import type { GraphAnswer } from './graph-call';
import type { GraphClient } from './graph-client';
import { filterOf, objectIdOf, odataTime } from './graph-query';
import { changePaths, signInPaths } from './log-paths';
import { managerFrom } from './manager';
import { registrationFrom } from './registration';
import { readBounds, systemRuntime, type Runtime } from './retry';
import { neverAtRisk, riskFrom, riskHistoryFrom } from './risk';
import { roleGroupOwners } from './role-group-owners';
import { assignedRolesFrom, directoryRolesFrom, distinctRoles, groupsFrom } from './roles';
import type { SharedView } from './shared/shared-view';
import { signInsFrom } from './sign-in';
import { standingOf, type StandingLists } from './standing';
import { Unknowable } from './unknowable';
import { unknownFrom } from './unknown-from';
import { userFields, userFrom } from './user';

/** More role-assignable groups than one person plausibly has; each costs two calls. */
const roleGroupsMax = 20;
/** Each costs a call where nothing else makes the person privileged; beyond it a person has to look. */
const groupsMax = 300;
/** So many of those calls at once: one `$batch` where the client has batches. */
const groupsAtOnce = 20;
/** One call each; an episode of more different hours is rare, and each hour costs every other case a second. */
const campaignSpansMax = 5;

/** What a reading that others share says of where it came from. */
interface SharedSource {
  call?: string;
  readAt?: Instant;
  ids?: CallIds;
}

/**
 * Reads every part of the evidence that the directory holds. No method throws for an answer of Graph, good or bad:
 * what cannot be known is an unknown reading with its reason. 429, 503, 504 and network errors are retried within
 * {@link readBounds} first.
 */
export class EvidenceReader {
  /** The shared list had the risk as being computed, so that it was asked for alone. */
  private riskWasComputing = false;

  /** @param trace what `client-request-id` is derived from, so that Microsoft's logs lead back to the case */
  constructor(
    private readonly client: GraphClient,
    private readonly trace: Trace,
    private readonly runtime: Runtime = systemRuntime,
    private readonly shared: SharedView | null = null,
  ) {}

  /** @param federatedDomains see {@link userFrom} */
  user(id: string, federatedDomains: readonly string[] | null = null): Promise<Reading<User>> {
    return this.reading('user', 'GET /users/{id}', async (graph) => {
      const answer = await graph.get(`/users/${objectIdOf(id)}?$select=${userFields}`);
      return userFrom(answer.body, federatedDomains);
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

  /**
   * None of the sources is complete alone: active roles, assignments of person and groups, eligibility for roles, and
   * eligibility for groups (PIM for Groups). Owners of a role-assignable group can make themselves members, so they
   * count like members. Whoever can activate a place in a group, as member or as owner, counts as privileged whatever
   * the group: groups under PIM lead to something worth guarding, and roles are only one such thing. Members of a group
   * that is eligible can each activate its place, so every group of the person is asked for too.
   * https://learn.microsoft.com/entra/id-governance/privileged-identity-management/concept-pim-for-groups
   */
  roles(id: string): Promise<Reading<Roles>> {
    const call =
      'GET /users/{id}/transitiveMemberOf, roleAssignments, eligibilityScheduleInstances, /groups/{id}/owners';
    return this.reading('roles', call, async (graph) => {
      const userId = objectIdOf(id);
      const memberOf = `/users/${userId}/transitiveMemberOf`;
      // No $select: Graph's default properties of a group and a role hold what we need, and a directoryObject has none to
      // name. No cast to roles: that is an advanced query, answered from an index which lags behind.
      // https://learn.microsoft.com/graph/aad-advanced-queries
      const objects = await graph.rows(memberOf);
      const groups = groupsFrom(objects);
      const active = directoryRolesFrom(objects);
      if (groups.roleAssignable.length > roleGroupsMax) {
        throw new Unknowable('invalid', `more than ${roleGroupsMax} role-assignable groups`);
      }
      const eligible: Roles['eligible'] = [];
      for (const principal of [userId, ...groups.roleAssignable]) {
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
      // Always asked for the person: where it is refused, nothing is known about groups.
      const ownPlaces = await hasPlaceToActivate(graph, [userId]);
      const leads =
        groups.roleAssignable.length > 0 ||
        ownPlaces ||
        (await (this.shared?.roleGroupOwners() ?? roleGroupOwners(graph))).has(userId);
      return {
        active: distinctRoles(active),
        eligible: distinctRoles(eligible),
        roleAssignableGroup: leads || (await hasPlaceToActivate(graph, groups.all)),
      };
    });
  }

  /** Which of the configured lists the account is on; see {@link standingOf}. */
  standing(id: string, lists: StandingLists): Promise<Reading<Standing>> {
    return this.reading('standing', 'POST /users/{id}/checkMemberGroups, GET /users/{id}', (graph) =>
      standingOf(graph, objectIdOf(id), lists),
    );
  }

  risk(id: string): Promise<Reading<Risk>> {
    return this.reading('risk', 'GET /identityProtection/riskyUsers/{id}', async (graph, from) => {
      const userId = objectIdOf(id);
      const listing = await this.shared?.riskyUsers();
      const [row] = listing?.byUser.get(userId) ?? [];
      const listed = row === undefined ? null : riskFrom(row);
      if (listing && listed && !listed.processing) {
        from({ ...listing, call: 'GET /identityProtection/riskyUsers' });
        return listed;
      }
      this.riskWasComputing = listed?.processing ?? false;
      // What is being computed is watched alone. Who is not on the list was never at risk, or not lately: the list cannot know which.
      return orWhenNotFound(neverAtRisk, async () => {
        const path = `/identityProtection/riskyUsers/${userId}`;
        return riskFrom(about(userId, await graph.get(path, { allEnumMembers: true })));
      });
    });
  }

  /** What has become of the risk so far. It has no list and no filter: one call of Identity Protection for each user. */
  history(id: string): Promise<Reading<RiskHistoryItem[]>> {
    return this.reading('history', 'GET /identityProtection/riskyUsers/{id}/history', async (graph) => {
      const userId = objectIdOf(id);
      const path = `/identityProtection/riskyUsers/${userId}/history`;
      return riskHistoryFrom(await graph.rows(path, { allEnumMembers: true }), userId);
    });
  }

  /**
   * Both together, where a risk must not be taken for judged without the detections that it now stands on: those are read
   * again where they were read before the risk moved, or before its computing was seen to have ended.
   */
  async riskWithDetections(
    id: string,
    since: Instant,
  ): Promise<{ risk: Reading<Risk>; detections: Reading<Detection[]> }> {
    const reading = this.risk(id).then((risk) => ({ risk, answeredAt: this.runtime.now().toISOString() }));
    const [{ risk, answeredAt }, detections] = await Promise.all([reading, this.detections(id, since)]);
    if (!this.isBehind(detections, risk, answeredAt)) return { risk, detections };
    return { risk, detections: await this.detections(id, since, answeredAt) };
  }

  private isBehind(detections: Reading<Detection[]>, risk: Reading<Risk>, answeredAt: Instant): boolean {
    if (detections.state === 'unknown' || risk.state === 'unknown' || risk.value.processing) return false;
    const { readAt } = detections.source;
    const { lastUpdatedAt } = risk.value;
    return (
      readAt < answeredAt && (this.riskWasComputing || (lastUpdatedAt !== null && readAt < lastUpdatedAt))
    );
  }

  /** @param asOf a shared list must be younger than this, too */
  detections(id: string, since: Instant, asOf?: Instant): Promise<Reading<Detection[]>> {
    return this.reading('detections', 'GET /identityProtection/riskDetections', async (graph, from) => {
      const userId = objectIdOf(id);
      const listing = await this.shared?.detections(asOf);
      // A detection changes at or after it is made, so a list of what changed holds what was made.
      if (listing && listing.since <= since) {
        from(listing);
        return detectionsFrom(listing.byUser.get(userId) ?? [], userId, since);
      }
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

  /**
   * How many people were hit by the same kinds of detection around the same time. Asks the whole tenant, by time.
   * @param detections the subject's own, with the episode that they form
   */
  campaign(detections: readonly Detection[], episode: RiskEpisode): Promise<Reading<Campaign>> {
    return this.reading('campaign', 'GET /identityProtection/riskDetections', async (graph, from) => {
      const moments = campaignMoments(episode, detections);
      const spans = campaignSpans(moments);
      const [first] = spans;
      if (!first) return { kinds: [] };
      const listing = await this.shared?.detections();
      if (listing && listing.since <= first.from) {
        from(listing);
        return campaignFrom([...listing.byId.values()], moments);
      }
      if (spans.length > campaignSpansMax) {
        throw new Unknowable('invalid', `detections of more than ${campaignSpansMax} different hours`);
      }
      const rows: unknown[] = [];
      for (const span of spans) {
        const made = [
          `detectedDateTime ge ${odataTime(span.from)}`,
          `detectedDateTime le ${odataTime(span.to)}`,
        ];
        const path = `/identityProtection/riskDetections?${filterOf(...made)}&$top=500`;
        rows.push(...(await graph.rows(path, { allEnumMembers: true })));
      }
      return campaignFrom(rows, moments);
    });
  }

  /** Interactive sign-ins, as v1.0 has no others: no row is not a proof that a stolen token was not used. */
  signIns(id: string, since: Instant): Promise<Reading<SignIn[]>> {
    return this.reading('signIns', 'GET /auditLogs/signIns', async (graph, from) => {
      const userId = objectIdOf(id);
      const group = await this.shared?.signIns.read(userId, since);
      if (group) {
        from(group);
        return signInsFrom(ofUser(group.rows, userId), userId, since);
      }
      // All of them, not the newest 200 rows: Graph repeats rows, and a list that is cut must show that it is.
      return signInsFrom(await allRows(graph, signInPaths([userId], since)), userId, since);
    });
  }

  /** Rows that name the user as target, and those that the user began: a consent names only the application. */
  changes(id: string, since: Instant, ourAppIds: readonly string[]): Promise<Reading<Change[]>> {
    return this.reading('changes', 'GET /auditLogs/directoryAudits', async (graph, from) => {
      const userId = objectIdOf(id);
      const group = await this.shared?.changes.read(userId, since);
      if (group) {
        from(group);
        return changesFrom(namingUser(group.rows, userId), userId, since, ourAppIds);
      }
      return changesFrom(await allRows(graph, changePaths([userId], since)), userId, since, ourAppIds);
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
      const userId = objectIdOf(id);
      const path = `/reports/authenticationMethods/userRegistrationDetails/${userId}`;
      return registrationFrom(about(userId, await graph.get(path)));
    });
  }

  private async reading<T>(
    part: string,
    call: string,
    read: (graph: GraphAsker, from: (other: SharedSource) => void) => Promise<T>,
  ): Promise<Reading<T>> {
    const graph = new GraphAsker(this.client, this.runtime, readBounds, [...this.trace, part]);
    // The moment before the first request: a fact is never taken for newer than it is.
    const readAt = this.runtime.now().toISOString();
    let shared: SharedSource = {};
    const source = (): Source => {
      const ids = shared.ids ?? graph.ids;
      return { call: shared.call ?? call, ...ids, readAt: shared.readAt ?? readAt };
    };
    try {
      const value = await read(graph, (other) => (shared = other));
      return { state: 'known', value, source: source() };
    } catch (error) {
      return { state: 'unknown', ...unknownFrom(error), source: source() };
    }
  }
}

/** Whether one of these, people or groups, is eligible for a place in a group under PIM. */
async function hasPlaceToActivate(graph: GraphAsker, principals: readonly string[]): Promise<boolean> {
  if (principals.length > groupsMax) throw new Unknowable('invalid', `more than ${groupsMax} groups`);
  const path = '/identityGovernance/privilegedAccess/group/eligibilityScheduleInstances';
  for (let at = 0; at < principals.length; at += groupsAtOnce) {
    const places = await Promise.all(
      principals
        .slice(at, at + groupsAtOnce)
        .map((principal) => graph.rows(`${path}?${filterOf(`principalId eq '${principal}'`)}`)),
    );
    if (places.flat().length > 0) return true;
  }
  return false;
}

/** An answer about somebody else is none, whoever mixed them up. */
function about(userId: string, { body }: GraphAnswer): unknown {
  const id = textOf(body, 'id');
  if (id !== undefined && id.toLowerCase() !== userId)
    throw new Unknowable('invalid', 'Graph answered about somebody else');
  return body;
}

async function allRows(graph: GraphAsker, paths: readonly string[]): Promise<unknown[]> {
  const rows: unknown[] = [];
  for (const path of paths) rows.push(...(await graph.rows(path)));
  return rows;
}

/** Another user's odd row in a shared answer must not make this user's log unknown. */
function ofUser(rows: readonly unknown[], userId: string): unknown[] {
  return rows.filter((row) => {
    const owner = textOf(row, 'userId');
    return owner === undefined || owner.toLowerCase() === userId;
  });
}

/** As {@link ofUser}, for audit rows. A row that names nobody readably may be anybody's, and stays. */
function namingUser(rows: readonly unknown[], userId: string): unknown[] {
  return rows.filter((row) => {
    const targets = propertyOf(row, 'targetResources');
    const people = [
      propertyOf(propertyOf(row, 'initiatedBy'), 'user'),
      ...(Array.isArray(targets) ? targets : []),
    ];
    const ids = people.map((person: unknown) => textOf(person, 'id')?.toLowerCase());
    return ids.includes(userId) || ids.every((id) => id === undefined);
  });
}

const propertyOf = (thing: unknown, name: string): unknown =>
  typeof thing === 'object' && thing !== null ? Reflect.get(thing, name) : undefined;
const textOf = (thing: unknown, name: string): string | undefined => {
  const value = propertyOf(thing, name);
  return typeof value === 'string' ? value : undefined;
};

async function orWhenNotFound<T>(absent: T, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof EntraError && error.kind === 'notFound') return absent;
    throw error;
  }
}
