import { specifyConfig } from '@sallyport/service/testing';
import { executorConfig } from './config';

const guid = '6f1c2a3e-0000-4000-8000-00000000000a';
const right = {
  DATABASE_URL: 'postgres://app:pw@db/sallyport',
  ENTRA_TENANT_ID: guid,
  ENTRA_CLIENT_ID: guid,
  ENTRA_CLIENT_SECRET: 'long enough',
  BREAK_GLASS_GROUP_IDS: guid,
  SERVICE_ACCOUNT_GROUP_IDS: 'none',
  VIP_GROUP_IDS: 'none',
  SERVICENOW_URL: 'https://dev.service-now.example',
  SERVICENOW_CLIENT_ID: 'executor-reader',
  SERVICENOW_CLIENT_SECRET: 'long enough',
};

it('looks for an effect at most 500 times', () => {
  const looking = (patience: string, interval: string) =>
    executorConfig.safeParse({
      ...right,
      READ_BACK_PATIENCE_SECONDS: patience,
      READ_BACK_INTERVAL_SECONDS: interval,
    });
  expect(looking('500', '1').success).toBe(true);
  expect(looking('501', '1').error?.issues).toMatchObject([{ path: ['READ_BACK_INTERVAL_SECONDS'] }]);
});

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
