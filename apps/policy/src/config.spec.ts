import { specifyConfig } from '@sallyport/service/testing';
import { policyConfig } from './config';

const right = {
  DATABASE_URL: 'postgres://app:pw@db/sallyport',
};

specifyConfig('policy', policyConfig, right, [
  ['DATABASE_URL', 'mysql://db'],
  ['QUEUE_URL', 'http://redis'],
  ['CONCURRENCY', '65'],
  ['SWEEP_INTERVAL_SECONDS', '0'],
  ['CONTAIN_BY', 'lockAccount'],
  ['HIGH_RISK_FORCES_SECURE_CHANGE', 'perhaps'],
  ['POLICY_RELOAD_SECONDS', '0'],
  ['GROUP_WINDOW_MINUTES', '4'],
]);

it('raises the risk only where it is said that Conditional Access then asks for a secure change', () => {
  const raising = { ...right, CONTAIN_BY: 'raiseRisk' };
  const path = ['HIGH_RISK_FORCES_SECURE_CHANGE'];
  expect(policyConfig.safeParse(raising).error?.issues).toMatchObject([{ path }]);
  const said = (value: string) =>
    policyConfig.safeParse({ ...raising, HIGH_RISK_FORCES_SECURE_CHANGE: value });
  expect(said('false').error?.issues).toMatchObject([{ path }]);
  expect(said('true').success).toBe(true);
});
