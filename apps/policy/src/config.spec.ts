import { ConfigError, readConfig } from '@sallyport/service';
import { policyConfig } from './config';

const right = {
  DATABASE_URL: 'postgres://app:pw@db/sallyport',
};

function problems(environment: NodeJS.ProcessEnv): readonly string[] {
  try {
    readConfig('policy', policyConfig, environment);
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
  ['DATABASE_URL', 'mysql://db'],
  ['QUEUE_URL', 'http://redis'],
  ['CONCURRENCY', '65'],
  ['SWEEP_INTERVAL_SECONDS', '0'],
])('refuses %s=%s', (name, value) => {
  expect(problems({ ...right, [name]: value })).toEqual([
    expect.stringMatching(new RegExp(`^${name}(\\.\\d)?: `)),
  ]);
});
