import { ConfigError, readConfig } from '@sallyport/service';
import { executorConfig } from './config';

const guid = '6f1c2a3e-0000-4000-8000-00000000000a';
const right = {
  DATABASE_URL: 'postgres://app:pw@db/sallyport',
  ENTRA_TENANT_ID: guid,
  ENTRA_CLIENT_ID: guid,
  ENTRA_CLIENT_SECRET: 'long enough',
  BREAK_GLASS_GROUP_IDS: guid,
};

function problems(environment: NodeJS.ProcessEnv): readonly string[] {
  try {
    readConfig('executor', executorConfig, environment);
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
  ['BREAK_GLASS_GROUP_IDS', 'all'],
  ['READ_BACK_PATIENCE_SECONDS', '19'],
  ['READ_BACK_INTERVAL_SECONDS', '61'],
  ['ENTRA_CLIENT_SECRET', 'short'],
])('refuses %s=%s', (name, value) => {
  expect(problems({ ...right, [name]: value })).toEqual([
    expect.stringMatching(new RegExp(`^${name}(\\.\\d)?: `)),
  ]);
});
