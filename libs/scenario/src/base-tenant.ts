import type { TenantGiven } from './tenant';

/**
 * The people and groups that every scenario may name without defining them: who approves, and the lists that mark
 * accounts. Role-assignable groups, so that nobody but a privileged administrator changes who approves.
 */
export const baseTenant: TenantGiven = {
  groups: [
    { key: 'secops', displayName: 'SecOps on-call', isAssignableToRole: true },
    { key: 'identity-ops', displayName: 'Identity Operations', isAssignableToRole: true },
    { key: 'security-lead', displayName: 'Security leads', isAssignableToRole: true },
    { key: 'break-glass', displayName: 'Break-glass accounts', isAssignableToRole: true },
    { key: 'service-accounts', displayName: 'Service accounts' },
    { key: 'vip', displayName: 'VIPs' },
  ],
  users: [
    { key: 'sam', displayName: 'Sam Okoro', groups: ['secops'], consoleRoles: ['Sallyport.Viewer'] },
    { key: 'sara', displayName: 'Sara Lindqvist', groups: ['secops'] },
    { key: 'ivo', displayName: 'Ivo Marek', groups: ['identity-ops'], consoleRoles: ['Sallyport.Operator'] },
    { key: 'lena', displayName: 'Lena Brandt', groups: ['security-lead'] },
    { key: 'dana', displayName: 'Dana Ferro', jobTitle: 'Service desk' },
    { key: 'nobody', displayName: 'Noor Body' },
  ],
  teams: { channels: [{ key: 'approvals' }, { key: 'escalations' }] },
};
