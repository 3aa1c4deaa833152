import { specifyConfig } from '@sallyport/service/testing';
import { executorConfig } from './config';

const guid = '6f1c2a3e-0000-4000-8000-00000000000a';
const right = {
  DATABASE_URL: 'postgres://app:pw@db/sallyport',
  ENTRA_TENANT_ID: guid,
  ENTRA_CLIENT_ID: guid,
  ENTRA_CLIENT_SECRET: 'long enough',
  BREAK_GLASS_GROUP_IDS: guid,
  SERVICENOW_URL: 'https://dev.service-now.example',
  SERVICENOW_CLIENT_ID: 'executor-reader',
  SERVICENOW_CLIENT_SECRET: 'long enough',
};

specifyConfig('executor', executorConfig, right, [
  ['BREAK_GLASS_GROUP_IDS', 'all'],
  ['READ_BACK_PATIENCE_SECONDS', '19'],
  ['READ_BACK_INTERVAL_SECONDS', '61'],
  ['ENTRA_CLIENT_SECRET', 'short'],
  ['POLICY_RELOAD_SECONDS', '3601'],
  ['TICKET_SUBJECT_FIELD', 'not a path'],
  ['DRY_RUN', 'perhaps'],
  ['RELEASE_ENTRA_CLIENT_SECRET', 'without the id'],
]);
