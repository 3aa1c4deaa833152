import { notFound } from './errors';
import { type Filterables } from './filter';
import { entity, listPage } from './query';
import { riskDetectionResource, riskHistoryResource, riskyUserResource } from './resources';
import { type GraphCall, type GraphRoute, reads } from './route';

const riskReaders = [['IdentityRiskyUser.Read.All'], ['IdentityRiskyUser.ReadWrite.All']];
const detectionReaders = [['IdentityRiskEvent.Read.All'], ['IdentityRiskEvent.ReadWrite.All']];
const pages = { defaultPageSize: 20, maxPageSize: 500 };

/** What the documentation shows to work; other properties are refused, so that a client filters locally. */
const riskyUserFilters: Filterables = {
  riskState: { kind: 'string', operators: ['eq'] },
  riskLevel: { kind: 'string', operators: ['eq'] },
  riskLastUpdatedDateTime: { kind: 'date', operators: ['eq', 'ge', 'le', 'gt', 'lt'] },
};
const detectionFilters: Filterables = {
  userId: { kind: 'string', operators: ['eq'] },
  riskEventType: { kind: 'string', operators: ['eq'] },
  riskLevel: { kind: 'string', operators: ['eq'] },
  riskState: { kind: 'string', operators: ['eq'] },
  userDisplayName: { kind: 'string', operators: ['eq', 'startsWith'] },
  detectedDateTime: { kind: 'date', operators: ['eq', 'ge', 'le', 'gt', 'lt'] },
  lastUpdatedDateTime: { kind: 'date', operators: ['eq', 'ge', 'le', 'gt', 'lt'] },
};

export const riskReadRoutes: readonly GraphRoute[] = [
  {
    method: 'GET',
    path: '/identityProtection/riskyUsers',
    permissions: riskReaders,
    throttle: 'identityProtection',
    handle: reads((call) =>
      listPage(call, riskyUsers(call), {
        context: 'identityProtection/riskyUsers',
        filterables: riskyUserFilters,
        orderable: ['riskLastUpdatedDateTime'],
        ...pages,
      }),
    ),
  },
  {
    method: 'GET',
    path: '/identityProtection/riskyUsers/{id}',
    permissions: riskReaders,
    throttle: 'identityProtection',
    handle: reads((call) => {
      const row = riskyUsers(call).find(({ id }) => id === call.params['id']);
      // A person who never had risk has no row.
      return row === undefined
        ? notFound(call, call.params['id'] ?? '')
        : entity(call, row, 'identityProtection/riskyUsers');
    }),
  },
  {
    method: 'GET',
    path: '/identityProtection/riskyUsers/{id}/history',
    permissions: riskReaders,
    throttle: 'identityProtection',
    handle: reads((call) => {
      const user = call.view.users.get(call.params['id'] ?? '');
      if (user?.risk == null) return notFound(call, call.params['id'] ?? '');
      const rows = [...call.view.riskHistory.values()]
        .filter((item) => item.userId === user.id)
        .map((item) => riskHistoryResource(item, user));
      const context = `identityProtection/riskyUsers('${user.id}')/history`;
      return listPage(call, rows, { context, orderable: ['riskLastUpdatedDateTime'], ...pages });
    }),
  },
  {
    method: 'GET',
    path: '/identityProtection/riskDetections',
    permissions: detectionReaders,
    throttle: 'identityProtection',
    handle: reads((call) =>
      listPage(call, riskDetections(call), {
        context: 'identityProtection/riskDetections',
        filterables: detectionFilters,
        orderable: ['detectedDateTime', 'activityDateTime', 'lastUpdatedDateTime'],
        ...pages,
      }),
    ),
  },
  {
    method: 'GET',
    path: '/identityProtection/riskDetections/{id}',
    permissions: detectionReaders,
    throttle: 'identityProtection',
    handle: reads((call) => {
      const row = riskDetections(call).find(({ id }) => id === call.params['id']);
      return row === undefined
        ? notFound(call, call.params['id'] ?? '')
        : entity(call, row, 'identityProtection/riskDetections');
    }),
  },
];

/** Deleted people stay in the list. */
const riskyUsers = (call: GraphCall) =>
  [...call.view.users.values()].flatMap((user) =>
    user.risk === null ? [] : [riskyUserResource(user, user.risk)],
  );

/** A detection shows when Identity Protection has made it, which may be long after the activity. */
const riskDetections = (call: GraphCall) =>
  [...call.view.detections.values()]
    .filter(({ detectedDateTime }) => new Date(detectedDateTime) <= call.now)
    .map((row) => riskDetectionResource(row, call.view.users.get(row.userId)));
