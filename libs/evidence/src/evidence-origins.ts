import type { EvidencePart } from './evidence';

/** The calls that a part is read by, with the base path of ServiceNow and without that of Graph, or the parts it is made from. */
export type EvidenceOrigin = { calls: readonly string[] } | { from: readonly EvidencePart[] };

/**
 * Where each part of the evidence comes from, for the reference page. Which of its calls are made depends on the answers:
 * what somebody leads by a group of their own is asked no further. The specs of the readers hold it to what they ask.
 */
export const evidenceOrigins: Readonly<Record<EvidencePart, EvidenceOrigin>> = {
  // The journal is shown to people, and no fact rests on it.
  ticket: { calls: ['GET /api/now/v2/table/incident/{id}', 'GET /api/now/v2/table/sys_journal_field'] },
  user: { calls: ['GET /users/{id}'] },
  standing: { calls: ['POST /users/{id}/checkMemberGroups', 'GET /users/{id}'] },
  roles: {
    calls: [
      'GET /users/{id}/transitiveMemberOf',
      'GET /roleManagement/directory/roleAssignments',
      'GET /roleManagement/directory/roleEligibilityScheduleInstances',
      'GET /identityGovernance/privilegedAccess/group/eligibilityScheduleInstances',
      'GET /groups',
      'GET /groups/{id}/owners',
    ],
  },
  risk: { calls: ['GET /identityProtection/riskyUsers', 'GET /identityProtection/riskyUsers/{id}'] },
  detections: { calls: ['GET /identityProtection/riskDetections'] },
  episode: { from: ['detections'] },
  campaign: { calls: ['GET /identityProtection/riskDetections'] },
  history: { calls: ['GET /identityProtection/riskyUsers/{id}/history'] },
  signIns: { calls: ['GET /auditLogs/signIns'] },
  changes: { calls: ['GET /auditLogs/directoryAudits'] },
  logs: { from: ['signIns', 'changes'] },
  devices: { calls: ['GET /users/{id}/registeredDevices'] },
  registration: { calls: ['GET /reports/authenticationMethods/userRegistrationDetails/{id}'] },
  manager: { calls: ['GET /users/{id}/manager'] },
  capabilities: { from: ['user', 'roles', 'registration', 'risk'] },
};
