import { env, serviceEnv } from '@sallyport/service';
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
    ...serviceEnv,
    PORT: env.port(3000),
    /** redis:// or rediss://. Unset: queues live in Postgres, at DATABASE_URL. */
    QUEUE_URL: z.url({ protocol: /^rediss?$/, error: 'must be a redis:// or rediss:// URL' }).optional(),
    DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// URL' }).optional(),
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
  })
  .refine(({ QUEUE_URL, DATABASE_URL }) => QUEUE_URL !== undefined || DATABASE_URL !== undefined, {
    error: 'set QUEUE_URL (Redis) or DATABASE_URL (Postgres), where the queues are',
    when: isRecord,
  })
  .refine(({ NODE_ENV, OIDC_ISSUER }) => NODE_ENV === 'test' || OIDC_ISSUER.protocol === 'https:', {
    // Only specs speak to a provider without a certificate.
    error: 'must be https',
    path: ['OIDC_ISSUER'],
    when: ({ value }) =>
      value instanceof Object && 'OIDC_ISSUER' in value && value.OIDC_ISSUER instanceof URL,
  });
export type ConsoleConfig = z.output<typeof consoleConfig>;

export const configToken = Symbol('console config');

/** These checks run beside the others rather than after them, so that all mistakes are told at once. */
function isRecord({ value }: { value: unknown }): boolean {
  return value instanceof Object;
}
