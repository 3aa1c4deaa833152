import { ConfigError, readConfig } from '@sallyport/service';
import { triageConfig } from './config';

const right = {
  DATABASE_URL: 'postgres://app:pw@db/sallyport',
};

function problems(environment: NodeJS.ProcessEnv): readonly string[] {
  try {
    readConfig('triage', triageConfig, environment);
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
  ['PORT', 'eighty'],
])('refuses %s=%s', (name, value) => {
  expect(problems({ ...right, [name]: value })).toEqual([
    expect.stringMatching(new RegExp(`^${name}(\\.\\d)?: `)),
  ]);
});
