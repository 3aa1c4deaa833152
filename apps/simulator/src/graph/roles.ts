import { type TenantRole } from '@sallyport/scenario';
import { refuse } from './errors';
import { type Filterables } from './filter';
import { expandOf, listPage } from './query';
import {
  groupEligibilityResource,
  roleAssignmentResource,
  roleDefinitionResource,
  roleEligibilityResource,
} from './resources';
import { type GraphCall, type GraphRoute, reads } from './route';

const filterables: Filterables = {
  principalId: { kind: 'string', operators: ['eq'] },
  roleDefinitionId: { kind: 'string', operators: ['eq'] },
};
const pages = { defaultPageSize: 100, maxPageSize: 999, filterables, expandable: ['roleDefinition'] };

const eligibility = (segment: string): GraphRoute => ({
  method: 'GET',
  path: `/roleManagement/directory/${segment}`,
  permissions: [['RoleEligibilitySchedule.Read.Directory'], ['RoleManagement.Read.Directory']],
  handle: reads((call) => {
    const rows = [...call.view.users.values()].flatMap((user) =>
      user.eligibleRoles.map((role) => withDefinition(call, roleEligibilityResource(user.id, role), role)),
    );
    return listPage(call, rows, { context: `roleManagement/directory/${segment}`, ...pages });
  }),
});

const groupPages = {
  defaultPageSize: 100,
  maxPageSize: 999,
  filterables: {
    principalId: { kind: 'string', operators: ['eq'] },
    groupId: { kind: 'string', operators: ['eq'] },
  } satisfies Filterables,
};

export const roleRoutes: readonly GraphRoute[] = [
  {
    method: 'GET',
    path: '/roleManagement/directory/roleAssignments',
    permissions: [['RoleManagement.Read.Directory'], ['Directory.Read.All']],
    handle: reads((call) => {
      // The directory provider does not list all assignments: a filter on the principal or the role is required.
      if (!call.query.has('$filter')) refuse(call, 400, 'A $filter is required for this request.');
      const principals = [...call.view.users.values(), ...call.view.groups.values()];
      const rows = principals.flatMap(({ id, roles }) =>
        roles.map((role) => withDefinition(call, roleAssignmentResource(id, role), role)),
      );
      return listPage(call, rows, { context: 'roleManagement/directory/roleAssignments', ...pages });
    }),
  },
  eligibility('roleEligibilityScheduleInstances'),
  eligibility('roleEligibilitySchedules'),
  {
    method: 'GET',
    path: '/identityGovernance/privilegedAccess/group/eligibilityScheduleInstances',
    permissions: [['PrivilegedEligibilitySchedule.Read.AzureADGroup']],
    handle: reads((call) => {
      // PIM for Groups lists what concerns one group or one principal, never everything.
      if (!call.query.has('$filter')) refuse(call, 400, 'A $filter is required for this request.');
      // Principals are people and groups: who is in an eligible group can activate its place, and has no row of their own.
      const principals = [...call.view.users.values(), ...call.view.groups.values()];
      const rows = [
        ...principals.flatMap(({ id, eligibleGroupIds }) =>
          eligibleGroupIds.map((groupId) => groupEligibilityResource(id, groupId, 'member')),
        ),
        ...[...call.view.users.values()].flatMap(({ id, eligibleOwnedGroupIds }) =>
          eligibleOwnedGroupIds.map((groupId) => groupEligibilityResource(id, groupId, 'owner')),
        ),
      ];
      const context = 'identityGovernance/privilegedAccess/group/eligibilityScheduleInstances';
      return listPage(call, rows, { context, ...groupPages });
    }),
  },
];

function withDefinition(call: GraphCall, row: object, role: TenantRole): object {
  const expand = expandOf(call, pages.expandable).includes('roleDefinition');
  return expand ? { ...row, roleDefinition: roleDefinitionResource(role) } : row;
}
