import { env } from '@sallyport/service';
import { approverEnv, caseLogEnv, graphEnv } from '@sallyport/stage';
import { z } from 'zod';

const loopback = ['localhost', '127.0.0.1', '[::1]'];

/** The session cookie and the authorization code travel to this address: in the clear only within one machine. */
const publicUrl = env
  .url()
  .transform((text) => new URL(text))
  .refine((url) => url.protocol === 'https:' || loopback.includes(url.hostname), {
    error: 'must be https, except on localhost',
  })
  .refine((url) => url.href === `${url.origin}/`, {
    error: 'must be an address without path, query or user',
  });

/** Entra's addresses for "any tenant": there, another tenant's administrator could hand out our roles. */
const anyTenant = /^\/(common|organizations|consumers)(\/|$)/i;

const issuer = env.url().transform((text) => new URL(text));

export const consoleConfig = z
  .object({
    ...caseLogEnv,
    /** A registration of the console's own that reads memberships, to check a voter's rights at the click. */
    ...graphEnv,
    ...approverEnv,
    PORT: env.port(3000),
    /** redis:// or rediss://. Unset: queues live in Postgres, at DATABASE_URL. */
    QUEUE_URL: z.url({ protocol: /^rediss?$/, error: 'must be a redis:// or rediss:// URL' }).optional(),
    /** For Entra: https://login.microsoftonline.com/<tenant id>/v2.0 */
    OIDC_ISSUER: issuer.refine(({ pathname }) => !anyTenant.test(pathname), {
      error: 'must name one tenant by its id',
    }),
    OIDC_CLIENT_ID: z.string().min(1),
    OIDC_CLIENT_SECRET: env.secret(),
    /** Signs the session cookie. Changing it signs everybody out. */
    SESSION_SECRET: z.string().min(32, 'must have at least 32 characters'),
    /** Where browsers reach the console, for example https://sallyport.example.com; Entra redirects to /callback there. */
    PUBLIC_URL: publicUrl,
    /** Roles that may end a manual review. A manager may not: they know who somebody is, not what was done. */
    REVIEW_ROLES: env
      .list()
      .pipe(z.array(z.enum(['secops', 'identityOps', 'securityLead'])).min(1))
      .default(['secops', 'identityOps', 'securityLead']),
    /** How long ago, in minutes, somebody may have proven to the identity provider who they are, and still vote. */
    STEP_UP_MAX_AGE_MINUTES: env.int(15, 1, 480),
    /**
     * What else a vote needs the sign-in to have been: an authentication context of Entra's conditional access (`c1`
     * to `c99`), or a value of `acr` of another provider. Unset: any sign-in that is young enough.
     */
    STEP_UP_CONTEXT: z
      .string()
      .regex(/^[\x21-\x7e]{1,128}$/, 'must be one value without spaces')
      .optional(),
  })
  .refine(({ NODE_ENV, OIDC_ISSUER }) => NODE_ENV === 'test' || OIDC_ISSUER.protocol === 'https:', {
    // Only specs speak to a provider without a certificate.
    error: 'must be https',
    path: ['OIDC_ISSUER'],
    when: ({ value }) => hasIssuer(value),
  })
  .refine(({ OIDC_ISSUER, ENTRA_TENANT_ID }) => [null, ENTRA_TENANT_ID].includes(tenantOf(OIDC_ISSUER)), {
    // Another tenant's people would be looked for, by their ids, among ours.
    error: 'must name the tenant of ENTRA_TENANT_ID',
    path: ['OIDC_ISSUER'],
    when: ({ value }) => hasIssuer(value) && 'ENTRA_TENANT_ID' in value,
  });
export type ConsoleConfig = z.output<typeof consoleConfig>;

export const configToken = Symbol('console config');

/** The tenant that an issuer of Entra's shape names; null for other providers. */
function tenantOf(issuer: URL): string | null {
  return (
    /^\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\/v2\.0\/?$/i
      .exec(issuer.pathname)?.[1]
      ?.toLowerCase() ?? null
  );
}

/** These checks run beside the others rather than after them, so that all mistakes are told at once. */
function hasIssuer(value: unknown): value is { OIDC_ISSUER: URL } {
  return value instanceof Object && 'OIDC_ISSUER' in value && value.OIDC_ISSUER instanceof URL;
}
