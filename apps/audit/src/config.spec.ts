import { ConfigError, readConfig } from '@sallyport/service';
import { auditConfig } from './config';

const right = {
  DATABASE_URL: 'postgres://app:pw@db/sallyport',
  SERVICENOW_URL: 'https://contoso.service-now.example',
  SERVICENOW_CLIENT_ID: 'sallyport',
  SERVICENOW_CLIENT_SECRET: 'long enough',
  SERVICENOW_USER_NAME: 'sallyport',
};

function problems(environment: NodeJS.ProcessEnv): readonly string[] {
  try {
    readConfig('audit', auditConfig, environment);
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
  ['TICKET_REVIEW_FIELDS', 'state=2'],
  ['TICKET_RESOLVED_FIELDS', '{"state":6}'],
  ['TICKET_CONTAINED_FIELDS', '{"state;drop":"6"}'],
  ['TICKET_CONTAINED_FIELDS', '["state"]'],
])('refuses %s=%s', (name, value) => {
  expect(problems({ ...right, [name]: value })).toEqual([
    expect.stringMatching(new RegExp(`^${name}(\\.\\d)?: `)),
  ]);
});
