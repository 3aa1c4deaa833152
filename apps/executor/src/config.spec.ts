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
  ['CONTAIN_BY', 'lockAccount'],
  ['HIGH_RISK_FORCES_SECURE_CHANGE', 'perhaps'],
  ['POLICY_RELOAD_SECONDS', '3601'],
  ['TICKET_SUBJECT_FIELD', 'not a path'],
  ['DRY_RUN', 'perhaps'],
  ['WATCH_MINUTES', '1441'],
  ['LOG_WAIT_MINUTES', '61'],
  ['DISMISSALS_PER_CALL', '61'],
  ['RELEASE_ENTRA_CLIENT_SECRET', 'without the id'],
]);

it('raises the risk only where it is said that Conditional Access then asks for a secure change', () => {
  const raising = { ...right, CONTAIN_BY: 'raiseRisk' };
  const path = ['HIGH_RISK_FORCES_SECURE_CHANGE'];
  expect(executorConfig.safeParse(raising).error?.issues).toMatchObject([{ path }]);
  const said = (value: string) =>
    executorConfig.safeParse({ ...raising, HIGH_RISK_FORCES_SECURE_CHANGE: value });
  expect(said('false').error?.issues).toMatchObject([{ path }]);
  expect(said('true').success).toBe(true);
});
