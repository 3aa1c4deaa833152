import { type TenantGroup, type TenantUser } from '@sallyport/scenario';
import { z } from 'zod';
import { type Answer, Refusal } from '../surface';
import { groupsOf, membersOf } from './directory';
import { graphError, notFound, refuse } from './errors';
import { entity, listPage } from './query';
import {
  authenticationMethodResource,
  defaultGroupProperties,
  defaultUserProperties,
  deviceResource,
  directoryRoleResource,
  groupEntity,
  groupResource,
  registrationResource,
  userResource,
} from './resources';
import { type GraphCall, type GraphRoute, holds, reads, userOf } from './route';

const directoryPages = { defaultPageSize: 100, maxPageSize: 999 };
const groupIdsSchema = z.strictObject({ groupIds: z.array(z.guid()).min(1).max(20) });
const securityEnabledSchema = z.strictObject({ securityEnabledOnly: z.boolean() });

export const userRoutes: readonly GraphRoute[] = [
  {
    method: 'GET',
    path: '/users/{id}',
    permissions: [['User.Read.All'], ['User.ReadWrite.All'], ['Directory.Read.All']],
    handle: reads((call) => entity(call, userResource(userOf(call)), 'users', defaultUserProperties)),
  },
  {
    method: 'GET',
    path: '/users/{id}/manager',
    permissions: [['User.Read.All'], ['User.ReadWrite.All'], ['Directory.Read.All']],
    handle: reads(manager),
  },
  {
    method: 'GET',
    path: '/users/{id}/transitiveMemberOf',
    permissions: [['User.Read.All'], ['GroupMember.Read.All'], ['Directory.Read.All']],
    handle: reads((call) =>
      listPage(call, [...groupRows(call), ...roleRows(call)], {
        context: 'directoryObjects',
        ...directoryPages,
      }),
    ),
  },
  {
    method: 'GET',
    path: '/users/{id}/transitiveMemberOf/microsoft.graph.directoryRole',
    permissions: [['User.Read.All'], ['GroupMember.Read.All'], ['Directory.Read.All']],
    handle: reads((call) => listPage(call, roleRows(call), { context: 'directoryRoles', ...directoryPages })),
  },
  {
    method: 'POST',
    path: '/users/{id}/checkMemberGroups',
    permissions: [['User.Read.All', 'GroupMember.Read.All'], ['Directory.Read.All']],
    handle: reads((call) => {
      const { groupIds } = bodyOf(call, groupIdsSchema);
      const ids = groupsOf(call.view, userOf(call)).map(({ id }) => id);
      return idList(
        call,
        groupIds.filter((id) => ids.includes(id.toLowerCase())),
      );
    }),
  },
  {
    method: 'POST',
    path: '/users/{id}/getMemberGroups',
    permissions: [['User.Read.All', 'GroupMember.Read.All'], ['Directory.Read.All']],
    handle: reads((call) => {
      bodyOf(call, securityEnabledSchema);
      return idList(
        call,
        groupsOf(call.view, userOf(call)).map(({ id }) => id),
      );
    }),
  },
  {
    method: 'GET',
    path: '/groups/{id}',
    permissions: [['GroupMember.Read.All'], ['Group.Read.All'], ['Directory.Read.All']],
    handle: reads((call) => {
      const id = call.params['id'] ?? '';
      const found = call.view.groups.get(id);
      if (found === undefined) return notFound(call, id);
      return entity(call, groupEntity(found), 'groups', defaultGroupProperties);
    }),
  },
  {
    method: 'GET',
    path: '/groups',
    permissions: [['GroupMember.Read.All'], ['Group.Read.All'], ['Directory.Read.All']],
    handle: reads((call) =>
      listPage(call, [...call.view.groups.values()].map(groupResource), {
        context: 'groups',
        filterables: { isAssignableToRole: { kind: 'boolean', operators: ['eq'] } },
        ...directoryPages,
      }),
    ),
  },
  {
    method: 'GET',
    path: '/groups/{id}/owners',
    permissions: [['GroupMember.Read.All'], ['Group.Read.All'], ['Directory.Read.All']],
    handle: reads((call) => {
      const id = call.params['id'] ?? '';
      const group = call.view.groups.get(id);
      if (group === undefined) return notFound(call, id);
      const owners = [...call.view.users.values()].filter(
        (user) => !user.deleted && group.ownerIds.includes(user.id),
      );
      return listPage(call, peopleRows(call, owners), { context: 'directoryObjects', ...directoryPages });
    }),
  },
  {
    method: 'GET',
    path: '/groups/{id}/members',
    permissions: [['GroupMember.Read.All'], ['Group.Read.All'], ['Directory.Read.All']],
    handle: reads(directMembers),
  },
  {
    method: 'GET',
    path: '/groups/{id}/transitiveMembers',
    permissions: [['GroupMember.Read.All'], ['Group.Read.All'], ['Directory.Read.All']],
    handle: reads((call) => members(call, 'directoryObjects')),
  },
  {
    method: 'GET',
    path: '/groups/{id}/transitiveMembers/microsoft.graph.user',
    permissions: [['GroupMember.Read.All'], ['Group.Read.All'], ['Directory.Read.All']],
    handle: reads((call) => members(call, 'users')),
  },
  {
    method: 'GET',
    path: '/users/{id}/registeredDevices',
    permissions: [['User.Read.All'], ['User.ReadWrite.All'], ['Directory.Read.All']],
    handle: reads((call) =>
      listPage(call, userOf(call).devices.map(deviceResource), {
        context: 'directoryObjects',
        ...directoryPages,
      }),
    ),
  },
  {
    method: 'GET',
    path: '/users/{id}/authentication/methods',
    permissions: [['UserAuthenticationMethod.Read.All'], ['UserAuthenticationMethod.ReadWrite.All']],
    handle: reads((call) =>
      listPage(call, userOf(call).methods.map(authenticationMethodResource), {
        context: `users('${call.params['id']}')/authentication/methods`,
        ...directoryPages,
      }),
    ),
  },
  {
    method: 'GET',
    path: '/reports/authenticationMethods/userRegistrationDetails/{id}',
    permissions: [['AuditLog.Read.All']],
    throttle: 'reports',
    handle: reads((call) => {
      const row = registrationResource(userOf(call));
      if (row === null) return notFound(call, call.params['id'] ?? '');
      return entity(call, row, 'reports/authenticationMethods/userRegistrationDetails');
    }),
  },
];

/** The body as this action documents it. Refuses anything else with 400. */
export function bodyOf<T>(call: GraphCall, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(call.body);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  refuse(call, 400, `Invalid value specified for '${issue?.path.join('/') ?? ''}': ${issue?.message ?? ''}`);
}

function manager(call: GraphCall): Answer {
  const { managerId } = userOf(call);
  const found = managerId === null ? undefined : call.view.users.get(managerId);
  if (found === undefined || found.deleted) return notFound(call, 'manager');
  const row = { '@odata.type': '#microsoft.graph.user', ...userResource(found) };
  return entity(call, row, 'directoryObjects', ['@odata.type', ...defaultUserProperties]);
}

/** An application sees of an object it may not read only that it is there. */
const bare = ({ id, '@odata.type': type }: { id?: string | undefined; '@odata.type': string }) => ({
  '@odata.type': type,
  id,
});

function groupRows(call: GraphCall): object[] {
  return asReadable(call, groupsOf(call.view, userOf(call)));
}

function asReadable(call: GraphCall, groups: readonly TenantGroup[]): object[] {
  const readable = holds(call.caller, 'GroupMember.Read.All', 'Group.Read.All', 'Directory.Read.All');
  const rows = groups.map(groupResource);
  return readable ? rows : rows.map(bare);
}

/** Activated tenant-wide roles, direct or through a group; one that holds in an administrative unit is not among them. */
function roleRows(call: GraphCall): object[] {
  const readable = holds(call.caller, 'RoleManagement.Read.Directory', 'Directory.Read.All');
  const user = userOf(call);
  const roles = [...user.roles, ...groupsOf(call.view, user).flatMap((group) => group.roles)]
    .filter(({ directoryScopeId }) => directoryScopeId === '/')
    .map((role) => directoryRoleResource(role));
  const distinct = [...new Map(roles.map((role) => [role.id, role])).values()];
  return readable ? distinct : distinct.map(bare);
}

/** People and groups that are in it themselves. */
function directMembers(call: GraphCall): Answer {
  const id = call.params['id'] ?? '';
  if (!call.view.groups.has(id)) throw new Refusal(notFound(call, id));
  const nested = [...call.view.groups.values()].filter(({ groupIds }) => groupIds.includes(id));
  const people = membersOf(call.view, id).filter(({ groupIds }) => groupIds.includes(id));
  const rows = [...peopleRows(call, people), ...asReadable(call, nested)];
  return listPage(call, rows, { context: 'directoryObjects', ...directoryPages });
}

function peopleRows(call: GraphCall, people: readonly TenantUser[]): object[] {
  const readable = holds(call.caller, 'User.Read.All', 'Directory.Read.All');
  const rows = people.map((user) => ({ '@odata.type': '#microsoft.graph.user', ...userResource(user) }));
  return readable ? rows : rows.map(bare);
}

function members(call: GraphCall, context: string): Answer {
  const id = call.params['id'] ?? '';
  if (!call.view.groups.has(id)) throw new Refusal(notFound(call, id));
  return listPage(call, peopleRows(call, membersOf(call.view, id)), { context, ...directoryPages });
}

const idList = (call: GraphCall, value: string[]): Answer => ({
  status: 200,
  body: { '@odata.context': `${call.origin}/v1.0/$metadata#Collection(Edm.String)`, value },
});

/** What exists for signed-in people only. Source: Graph permissions reference. */
export const delegatedOnlyRoutes: readonly GraphRoute[] = (
  [
    ['POST', '/users/{id}/authentication/methods/{method}/resetPassword'],
    ['GET', '/users/{id}/ownedObjects'],
  ] as const
).map(([method, path]) => ({
  method,
  path,
  permissions: [],
  handle: (call) => ({ answer: graphError(call, 403, 'Application permissions are not supported.') }),
}));
