import { specifyConfig } from '@sallyport/service/testing';
import { executorConfig } from './config';

const guid = '6f1c2a3e-0000-4000-8000-00000000000a';
const right = {
  DATABASE_URL: 'postgres://app:pw@db/sallyport',
  ENTRA_TENANT_ID: guid,
  ENTRA_CLIENT_ID: guid,
  ENTRA_CLIENT_SECRET: 'long enough',
  BREAK_GLASS_GROUP_IDS: guid,
};

specifyConfig('executor', executorConfig, right, [
  ['BREAK_GLASS_GROUP_IDS', 'all'],
  ['READ_BACK_PATIENCE_SECONDS', '19'],
  ['READ_BACK_INTERVAL_SECONDS', '61'],
  ['ENTRA_CLIENT_SECRET', 'short'],
]);
