import { ConfigError, readConfig } from '@sallyport/service';
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
};

function problems(environment: NodeJS.ProcessEnv): readonly string[] {
  try {
    readConfig('context', contextConfig, environment);
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
  ['ENTRA_TENANT_ID', 'contoso'],
  ['BREAK_GLASS_GROUP_IDS', 'break-glass'],
  ['BREAK_GLASS_GROUP_IDS', ', ,'],
  ['VIP_GROUP_IDS', `${guid},vip`],
  ['TICKET_SUBJECT_FIELD', 'u_risky_user;DROP'],
  ['SERVICENOW_URL', 'contoso'],
  ['GRAPH_BASE_URL', 'file:///etc'],
])('refuses %s=%s', (name, value) => {
  expect(problems({ ...right, [name]: value })).toEqual([
    expect.stringMatching(new RegExp(`^${name}(\\.\\d)?: `)),
  ]);
});
