import { ConfigError, readConfig } from '@sallyport/service';
import { approvalConfig } from './config';

const guid = '6f1c2a3e-0000-4000-8000-00000000000a';
const right = {
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

function problems(environment: NodeJS.ProcessEnv): readonly string[] {
  try {
    readConfig('approval', approvalConfig, environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

it('is accepted when complete', () => {
  expect(problems(right)).toEqual([]);
});

it('tells every variable that is missing at once', () => {
  expect(problems({})).toEqual(Object.keys(right).map((name) => `${name}: is required and not set`));
});

it.each([
  ['TEAMS_APPROVALS_CHANNEL_ID', 'general'],
  ['SECOPS_GROUP_ID', 'secops'],
  ['APPROVAL_TTL_MINUTES', '4'],
  ['APPROVAL_TTL_MINUTES', '10081'],
  ['BOT_APP_SECRET', 'short'],
])('refuses %s=%s', (name, value) => {
  expect(problems({ ...right, [name]: value })).toEqual([
    expect.stringMatching(new RegExp(`^${name}(\\.\\d)?: `)),
  ]);
});
