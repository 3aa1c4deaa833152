import { ConfigError, readConfig } from '@sallyport/service';
import { consoleConfig } from './config';

const tenantId = '6f1c2a3e-0000-4000-8000-000000000001';
const right = {
  NODE_ENV: 'production',
  DATABASE_URL: 'postgres://app:pw@db/sallyport',
  ENTRA_TENANT_ID: tenantId,
  ENTRA_CLIENT_ID: '6f1c2a3e-0000-4000-8000-000000000002',
  ENTRA_CLIENT_SECRET: 'long enough',
  SECOPS_GROUP_ID: '6f1c2a3e-0000-4000-8000-000000000003',
  IDENTITY_OPS_GROUP_ID: '6f1c2a3e-0000-4000-8000-000000000004',
  SECURITY_LEAD_GROUP_ID: '6f1c2a3e-0000-4000-8000-000000000005',
  OIDC_ISSUER: `https://login.microsoftonline.com/${tenantId}/v2.0`,
  OIDC_CLIENT_ID: 'console',
  OIDC_CLIENT_SECRET: 'long enough',
  SESSION_SECRET: 'x'.repeat(32),
  PUBLIC_URL: 'https://sallyport.example.com',
};

function problems(environment: NodeJS.ProcessEnv): readonly string[] {
  try {
    readConfig('console', consoleConfig, environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

describe('the configuration', () => {
  it('is accepted when complete', () => {
    expect(problems(right)).toEqual([]);
  });

  it('tells every mistake at once', () => {
    expect(
      problems({
        PORT: 'eighty',
        OIDC_ISSUER: 'http://login.example.com/',
        OIDC_CLIENT_ID: '',
        SESSION_SECRET: 'short',
        PUBLIC_URL: 'ftp://x',
        SECOPS_GROUP_ID: 'secops',
        STEP_UP_MAX_AGE_MINUTES: '0',
        STEP_UP_CONTEXT: 'c1 c2',
      }),
    ).toEqual([
      'DATABASE_URL: is required and not set',
      'ENTRA_TENANT_ID: is required and not set',
      'ENTRA_CLIENT_ID: is required and not set',
      'ENTRA_CLIENT_SECRET: is required and not set',
      'SECOPS_GROUP_ID: must be a GUID',
      'IDENTITY_OPS_GROUP_ID: is required and not set',
      'SECURITY_LEAD_GROUP_ID: is required and not set',
      expect.stringMatching(/^PORT: /),
      'OIDC_CLIENT_ID: is required and not set',
      'OIDC_CLIENT_SECRET: is required and not set',
      'SESSION_SECRET: must have at least 32 characters',
      'PUBLIC_URL: must be an http(s) URL',
      expect.stringMatching(/^STEP_UP_MAX_AGE_MINUTES: /),
      'STEP_UP_CONTEXT: must be one value without spaces',
      'OIDC_ISSUER: must be https',
    ]);
  });

  it.each([
    ['PUBLIC_URL', 'http://sallyport.example.com', 'must be https, except on localhost'],
    ['PUBLIC_URL', 'https://example.com/sallyport', 'must be an address without path, query or user'],
    ['PUBLIC_URL', 'https://someone@example.com/', 'must be an address without path, query or user'],
    ['OIDC_ISSUER', 'http://127.0.0.1:9/', 'must be https'],
    ['OIDC_ISSUER', 'https://login.microsoftonline.com/common/v2.0', 'must name one tenant by its id'],
    ['OIDC_ISSUER', 'https://login.microsoftonline.com/Organizations/v2.0', 'must name one tenant by its id'],
    [
      'OIDC_ISSUER',
      'https://login.microsoftonline.com/6f1c2a3e-0000-4000-8000-00000000000f/v2.0',
      'must name the tenant of ENTRA_TENANT_ID',
    ],
  ])('refuses %s=%s', (name, value, problem) => {
    expect(problems({ ...right, [name]: value })).toEqual([`${name}: ${problem}`]);
  });

  it('allows a console without TLS on this machine only', () => {
    expect(problems({ ...right, PUBLIC_URL: 'http://localhost:8080' })).toEqual([]);
  });

  it.each<[given: string, roles: string[] | null]>([
    ['', ['secops', 'identityOps', 'securityLead']],
    ['secops', ['secops']],
    ['manager', null],
    ['secops,root', null],
  ])('takes "%s" for the roles that end reviews as %j', (given, roles) => {
    const environment = { ...right, REVIEW_ROLES: given };
    if (roles) expect(readConfig('console', consoleConfig, environment).REVIEW_ROLES).toEqual(roles);
    else expect(problems(environment)).toEqual([expect.stringContaining('REVIEW_ROLES')]);
  });
});
