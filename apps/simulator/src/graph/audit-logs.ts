import { type World } from '../world';
import { type Filterables } from './filter';
import { listPage } from './query';
import { directoryAuditResource, signInResource } from './resources';
import { type GraphRoute, holds, reads } from './route';

const equal = { kind: 'string', operators: ['eq'] } as const;
const equalOrStart = { kind: 'string', operators: ['eq', 'startsWith'] } as const;
const time = { kind: 'date', operators: ['eq', 'le', 'ge'] } as const;

/** https://learn.microsoft.com/graph/api/resources/signin: no `ne`, no `contains`. */
const signInFilters: Filterables = {
  createdDateTime: time,
  userId: equal,
  userPrincipalName: equalOrStart,
  ipAddress: equalOrStart,
  correlationId: equal,
  appId: equal,
  appDisplayName: equalOrStart,
  riskState: equal,
  riskLevelAggregated: equal,
  riskLevelDuringSignIn: equal,
  'status/errorCode': { kind: 'number', operators: ['eq'] },
  conditionalAccessStatus: equal,
  'location/city': equalOrStart,
  'location/state': equalOrStart,
  'location/countryOrRegion': equalOrStart,
  clientAppUsed: equal,
  'deviceDetail/browser': equalOrStart,
  'deviceDetail/operatingSystem': equalOrStart,
};
/** https://learn.microsoft.com/graph/api/resources/directoryaudit */
const directoryAuditFilters: Filterables = {
  activityDateTime: time,
  activityDisplayName: equalOrStart,
  category: equal,
  loggedByService: equal,
  correlationId: equal,
  result: equal,
  'initiatedBy/user/id': equal,
  'initiatedBy/app/appId': equal,
  'targetResources/any/id': equal,
  'targetResources/any/displayName': equalOrStart,
};
const pages = { defaultPageSize: 1_000, maxPageSize: 1_000 };

export const auditLogRoutes = ({ config }: World): readonly GraphRoute[] => [
  {
    method: 'GET',
    path: '/auditLogs/signIns',
    permissions: [['AuditLog.Read.All']],
    throttle: 'reports',
    handle: reads((call) => {
      const withPolicies = holds(call.caller, 'Policy.Read.All', 'Policy.Read.ConditionalAccess');
      const rows = [...call.view.signIns.values()]
        .filter(({ createdDateTime }) => new Date(createdDateTime) <= call.now)
        // v1.0 has the interactive ones only: absence of rows is not absence of use.
        .filter(({ isInteractive }) => isInteractive)
        .map((row) =>
          signInResource(row, call.view.users.get(row.userId), config.SIMULATOR_TENANT_ID, withPolicies),
        );
      const context = 'auditLogs/signIns';
      return listPage(call, rows, {
        context,
        filterables: signInFilters,
        orderable: ['createdDateTime'],
        ...pages,
      });
    }),
  },
  {
    method: 'GET',
    path: '/auditLogs/directoryAudits',
    permissions: [['AuditLog.Read.All']],
    throttle: 'reports',
    handle: reads((call) => {
      const rows = [...call.view.audits.values()]
        .filter(({ activityDateTime }) => new Date(activityDateTime) <= call.now)
        .map(directoryAuditResource);
      return listPage(call, rows, {
        context: 'auditLogs/directoryAudits',
        filterables: directoryAuditFilters,
        orderable: ['activityDateTime'],
        ...pages,
      });
    }),
  },
];
