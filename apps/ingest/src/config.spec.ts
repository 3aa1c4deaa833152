import { ConfigError, readConfig } from '@sallyport/service';
import { ingestConfig } from './config';

const right = {
  DATABASE_URL: 'postgres://app:pw@db/sallyport',
  WEBHOOK_SECRETS: `whsec_${'A'.repeat(32)}`,
  SERVICENOW_INSTANCE: 'contoso',
};

function problems(environment: NodeJS.ProcessEnv): readonly string[] {
  try {
    readConfig('ingest', ingestConfig, environment);
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
  ['WEBHOOK_SECRETS', 'secret'],
  ['WEBHOOK_SECRETS', ', ,'],
  ['WEBHOOK_SECRETS', `whsec_${'A'.repeat(31)}`],
  ['WEBHOOK_SECRETS', Array(5).fill(right.WEBHOOK_SECRETS).join()],
  ['SERVICENOW_INSTANCE', 'contoso.service-now.com'],
])('refuses %s=%s', (name, value) => {
  expect(problems({ ...right, [name]: value })).toEqual([
    expect.stringMatching(new RegExp(`^${name}(\\.\\d)?: `)),
  ]);
});
