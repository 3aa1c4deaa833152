/** For specs: the least that the service starts with. */
const guid = '6f1c2a3e-0000-4000-8000-00000000000a';
export const rightConfig = {
  DATABASE_URL: 'postgres://app:pw@db/sallyport',
  ENTRA_TENANT_ID: guid,
  ENTRA_CLIENT_ID: guid,
  ENTRA_CLIENT_SECRET: 'long enough',
  BOT_APP_ID: guid,
  BOT_APP_SECRET: 'long enough',
  TEAMS_SERVICE_URL: 'https://smba.trafficmanager.net/emea/',
  TEAMS_APPROVALS_CHANNEL_ID: '19:approvals@thread.tacv2',
  SECOPS_GROUP_ID: guid,
  IDENTITY_OPS_GROUP_ID: guid,
  SECURITY_LEAD_GROUP_ID: guid,
};
