import { type TenantAudit, type TenantUser } from '@sallyport/scenario';
import { randomUUID } from 'node:crypto';
import { type GraphCall } from './route';

/** The audit row that a write by an application leaves: initiated by the app, never by a person. */
export function appAudit(
  call: GraphCall,
  user: TenantUser,
  activity: string,
  { category, service }: { category: string; service: string },
): TenantAudit {
  return {
    id: `Directory_${randomUUID()}`,
    activityDateTime: call.now.toISOString(),
    activityDisplayName: activity,
    category,
    loggedByService: service,
    operationType: 'Update',
    result: 'success',
    resultReason: '',
    correlationId: randomUUID(),
    initiatedBy: {
      app: {
        appId: call.caller.appId,
        servicePrincipalId: call.caller.servicePrincipalId,
        displayName: `app ${call.caller.appId.slice(0, 8)}`,
      },
    },
    targets: [
      { id: user.id, type: 'User', displayName: user.displayName, userPrincipalName: user.userPrincipalName },
    ],
    modified: [],
    details: {},
  };
}
