import { specifyConfig } from '@sallyport/service/testing';
import { triageConfig } from './config';

const right = {
  DATABASE_URL: 'postgres://app:pw@db/sallyport',
};

specifyConfig('triage', triageConfig, right, [
  ['DATABASE_URL', 'mysql://db'],
  ['PORT', 'eighty'],
]);
