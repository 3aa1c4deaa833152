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
  ['POLICY_RELOAD_SECONDS', '0'],
]);
