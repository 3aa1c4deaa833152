import { z } from 'zod';
import { ConfigError, env, readConfig, serviceEnv } from './config';

const schema = z.object({
  ...serviceEnv,
  PORT: env.port(3000),
  TENANT_ID: env.guid(),
  CLIENT_SECRET: env.secret(),
  BASE_URL: env.url(),
  ATTEMPTS: env.int(3, 1, 9),
  GROUP_IDS: env.list().pipe(z.array(z.guid()).min(1)),
  FIELDS: z
    .string()
    .transform((text) => JSON.parse(text) as unknown)
    .pipe(z.record(z.string().regex(/^[a-z]+$/), z.string()))
    .default({}),
});
const tenant = '6f1c2a3e-0000-4000-8000-00000000000a';
const right = {
  TENANT_ID: tenant,
  CLIENT_SECRET: 'long enough',
  BASE_URL: 'https://graph.example.com/',
  GROUP_IDS: tenant,
};

function failure(environment: NodeJS.ProcessEnv): ConfigError {
  try {
    readConfig('sample', schema, environment);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('The environment was accepted.');
}

describe('reading a complete environment', () => {
  it('fills in what may be left out, and leaves out what is none of its business', () => {
    expect(readConfig('sample', schema, { ...right, PATH: '/bin' })).toEqual({
      ...right,
      NODE_ENV: 'development',
      LOG_LEVEL: 'info',
      HOST: '127.0.0.1',
      PORT: 3000,
      ATTEMPTS: 3,
      GROUP_IDS: [tenant],
      FIELDS: {},
    });
  });

  it('takes an empty variable for an absent one', () => {
    expect(readConfig('sample', schema, { ...right, PORT: '', READY_FILE: '' })).toMatchObject({
      PORT: 3000,
    });
  });

  it('brings GUIDs, numbers and lists into one form', () => {
    const given = {
      ...right,
      TENANT_ID: tenant.toUpperCase(),
      PORT: '0',
      GROUP_IDS: ` ${tenant} ,, ${tenant},`,
    };
    expect(readConfig('sample', schema, given)).toMatchObject({
      TENANT_ID: tenant,
      PORT: 0,
      GROUP_IDS: [tenant, tenant],
    });
  });
});

describe('mistakes in the environment', () => {
  it('are all told at once, by the name of the variable', () => {
    const { service, problems, message } = failure({
      NODE_ENV: 'prod',
      PORT: '70000',
      CLIENT_SECRET: 'short',
      BASE_URL: 'ftp://files.example.com',
      ATTEMPTS: '2.5',
      GROUP_IDS: `${tenant},all`,
    });
    expect(service).toBe('sample');
    expect(problems).toEqual([
      expect.stringMatching(/^NODE_ENV: /),
      expect.stringMatching(/^PORT: /),
      'TENANT_ID: is required and not set',
      'CLIENT_SECRET: must have at least 8 characters',
      'BASE_URL: must be an http(s) URL',
      expect.stringMatching(/^ATTEMPTS: /),
      expect.stringMatching(/^GROUP_IDS\.1: /),
    ]);
    expect(message).toMatch(/^sample cannot start\./);
    for (const problem of problems) expect(message).toContain(`\n  - ${problem}`);
  });

  it.each(Object.keys(right))('%s is told as missing, absent or empty', (name) => {
    for (const value of [undefined, '']) {
      expect(failure({ ...right, [name]: value }).problems).toEqual([`${name}: is required and not set`]);
    }
  });

  it.each([
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '80a'],
    ['ATTEMPTS', '0'],
    ['ATTEMPTS', '10'],
    ['ATTEMPTS', 'NaN'],
    ['ATTEMPTS', 'Infinity'],
    ['TENANT_ID', 'contoso'],
    ['BASE_URL', 'graph.example.com'],
    ['BASE_URL', 'javascript:alert(1)'],
    ['GROUP_IDS', ', ,'],
    ['LOG_LEVEL', 'verbose'],
  ])('%s=%s is one', (name, value) => {
    expect(failure({ ...right, [name]: value }).problems).toEqual([
      expect.stringMatching(new RegExp(`^${name}(\\.\\d)?: `)),
    ]);
  });

  it('never echo a value, for it may be a secret in the wrong place', () => {
    const secret = 'hunter2hunter2';
    const names = Object.keys(schema.shape).filter((name) => !/HOST|FILE|FIELDS|SECRET/.test(name));
    const wrong: NodeJS.ProcessEnv = Object.fromEntries(names.map((name) => [name, secret]));
    const { problems, message } = failure({ ...wrong, CLIENT_SECRET: 'hunter2', FIELDS: `{"${secret} ":1}` });
    expect(problems).toHaveLength(names.length + 2);
    expect(message).not.toContain('hunter2');
  });
});
