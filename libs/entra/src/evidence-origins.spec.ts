import { type Detection, evidenceOrigins, evidenceParts } from '@sallyport/evidence';
import { EvidenceReader } from './evidence-reader';
import { graphError, graphServer, stillRuntime, type Scripted } from './graph-server.fixture';
import { SharedReads } from './shared/shared-reads';
import { upnPatternOf } from './standing-list';

/*
 * The reference page says by which calls each part of the evidence is read. Here every part is read once in a way that
 * leaves out none of them.
 */

const ines = '3f1b6a52-7c0d-4e7e-9a0f-2b1f0d5c9e11';
const group = '00000000-0000-4000-8000-000000000001';
const since = '2026-11-13T00:00:00.000Z';
const at = '2026-11-20T09:00:00.000Z';
const page = (...value: unknown[]): Scripted => ({ status: 200, body: { value } });
const nobody = { groups: [], upnPatterns: [], attributes: [] };

const reads: Record<string, (reader: EvidenceReader) => Promise<unknown>> = {
  user: (r) => r.user(ines),
  standing: (r) => {
    const breakGlass = { ...nobody, groups: [group], upnPatterns: [upnPatternOf('bg-*')] };
    return r.standing(ines, { breakGlass, serviceAccount: nobody, vip: nobody });
  },
  roles: (r) => r.roles(ines),
  risk: (r) => r.risk(ines),
  detections: (r) => r.detections(ines, since),
  campaign: (r) => {
    const detection: Detection = {
      ...({ id: 'd', kind: 'unlikelyTravel', markers: [], level: 'medium', state: 'atRisk' } as const),
      ...{ activityAt: null, detectedAt: at, requestId: null, correlationId: null, ip: null, country: null },
    };
    return r.campaign([detection], { id: 'e', openedAt: at, newestAt: at, detectionIds: ['d'] });
  },
  history: (r) => r.history(ines),
  signIns: (r) => r.signIns(ines, since),
  changes: (r) => r.changes(ines, since, []),
  devices: (r) => r.devices(ines),
  registration: (r) => r.registration(ines),
  manager: (r) => r.manager(ines),
};

/** Nobody in any list: so that what is asked where one says nothing is asked too. */
const answers: Record<string, Scripted> = {
  [`POST /users/${ines}/checkMemberGroups`]: page(),
  [`GET /users/${ines}/transitiveMemberOf`]: page(),
  'GET /roleManagement/directory/roleAssignments': page(),
  'GET /roleManagement/directory/roleEligibilityScheduleInstances': page(),
  'GET /identityGovernance/privilegedAccess/group/eligibilityScheduleInstances': page(),
  'GET /groups': page({ id: group }),
  [`GET /groups/${group}/owners`]: page(),
  'GET /identityProtection/riskyUsers': page(),
  'GET /identityProtection/riskDetections': page(),
  [`GET /identityProtection/riskyUsers/${ines}`]: graphError(404, 'ResourceNotFound'),
};

const ofGraph = evidenceParts.flatMap((part) => {
  const origin = evidenceOrigins[part];
  return 'calls' in origin && part !== 'ticket' ? [{ part, calls: origin.calls }] : [];
});

it.each(ofGraph)('$part is read by the calls of the reference, and by no other', async ({ part, calls }) => {
  const server = await graphServer(answers);
  try {
    const runtime = stillRuntime();
    const shared = new SharedReads(server.client, runtime).view(at);
    for (const view of [null, shared]) {
      await reads[part]?.(new EvidenceReader(server.client, ['case-1'], runtime, view));
    }
    const asked = server.received.map(
      ({ method, url }) =>
        `${method} ${url.split('?')[0]?.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '{id}')}`,
    );
    expect([...new Set(asked)].sort()).toEqual([...calls].sort());
  } finally {
    await server.stop();
  }
});
