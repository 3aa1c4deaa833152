import { specifyConfig } from '@sallyport/service/testing';
import { contextConfig } from './config';

const guid = '6f1c2a3e-0000-4000-8000-00000000000a';
const right = {
  DATABASE_URL: 'postgres://app:pw@db/sallyport',
  ENTRA_TENANT_ID: guid,
  ENTRA_CLIENT_ID: guid,
  ENTRA_CLIENT_SECRET: 'long enough',
  SERVICENOW_URL: 'https://contoso.service-now.example',
  SERVICENOW_CLIENT_ID: 'sallyport',
  SERVICENOW_CLIENT_SECRET: 'long enough',
  BREAK_GLASS_GROUP_IDS: guid,
  SERVICE_ACCOUNT_GROUP_IDS: 'none',
  VIP_GROUP_IDS: guid,
};

specifyConfig('context', contextConfig, right, [
  ['ENTRA_TENANT_ID', 'contoso'],
  ['BREAK_GLASS_GROUP_IDS', 'break-glass'],
  ['BREAK_GLASS_GROUP_IDS', ', ,'],
  ['VIP_GROUP_IDS', `${guid},vip`],
  ['VIP_GROUP_IDS', `${guid},none`],
  ['SERVICE_ACCOUNT_GROUP_IDS', ', ,'],
  ['BREAK_GLASS_UPN_PATTERNS', 'svc-(a|b)*'],
  ['VIP_UPN_PATTERNS', '*'],
  ['SERVICE_ACCOUNT_ATTRIBUTES', 'department=IT'],
  ['BREAK_GLASS_ATTRIBUTES', 'extensionAttribute7'],
  ['TICKET_SUBJECT_FIELD', 'u_risky_user;DROP'],
  ['ACCOUNT_OWNERS', 'Ada'],
  ['ACCOUNT_OWNERS', '{"svc-pay":"Payments"}'],
  ['ACCOUNT_OWNERS', `{"${guid}":" "}`],
  ['ACCOUNT_OWNERS', `{"${guid}":"${'x'.repeat(201)}"}`],
  ['SERVICENOW_URL', 'contoso'],
  ['GRAPH_BASE_URL', 'file:///etc'],
  ['WATCH_INTERVAL_SECONDS', '0'],
]);
