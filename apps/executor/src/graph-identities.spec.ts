import { executorConfig } from './config';
import { graphIdentities } from './graph-identities';

const guid = (n: number) => `6f1c2a3e-0000-4000-8000-${String(n).padStart(12, '0')}`;
const given = (more: Record<string, string> = {}) =>
  graphIdentities(
    executorConfig.parse({
      DATABASE_URL: 'postgres://app:pw@db/sallyport',
      ENTRA_TENANT_ID: guid(1),
      ENTRA_CLIENT_ID: guid(2),
      ENTRA_CLIENT_SECRET: 'long enough',
      BREAK_GLASS_GROUP_IDS: guid(3),
      SERVICE_ACCOUNT_GROUP_IDS: 'none',
      VIP_GROUP_IDS: 'none',
      SERVICENOW_URL: 'https://dev.service-now.example',
      SERVICENOW_CLIENT_ID: 'executor-reader',
      SERVICENOW_CLIENT_SECRET: 'long enough',
      ...more,
    }),
  );
const apart = { RELEASE_ENTRA_CLIENT_ID: guid(4), RELEASE_ENTRA_CLIENT_SECRET: 'another secret' };

it('one app registration does both where no other is named', () => {
  const { containment, release, ownAppIds } = given();
  expect(release).toBe(containment);
  expect(ownAppIds).toEqual([guid(2)]);
});

it('two of them sign in apart and wait at one limiter, where containment goes first', () => {
  const { containment, release, ownAppIds } = given(apart);
  expect(release.credential).not.toBe(containment.credential);
  expect(release.limiter).toBe(containment.limiter);
  expect(release.limiter).not.toBeNull();
  expect(ownAppIds).toEqual([guid(2), guid(4)]);
});
