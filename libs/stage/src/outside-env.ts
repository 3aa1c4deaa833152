import { createGraphClient, type GraphClient, type StandingGroups } from '@sallyport/entra';
import { env } from '@sallyport/service';
import { z } from 'zod';

/** Which tenant, as which app registration. Each service has its own registration with the least it needs. */
export const graphEnv = {
  ENTRA_TENANT_ID: env.guid(),
  ENTRA_CLIENT_ID: env.guid(),
  ENTRA_CLIENT_SECRET: env.secret(),
  /** Only for national clouds and rehearsals. */
  GRAPH_BASE_URL: env.url().optional(),
  ENTRA_AUTHORITY_HOST: env.url().optional(),
};
type GraphConfig = z.output<z.ZodObject<typeof graphEnv>>;

/** @param timeoutMs bound of one call */
export function graphClientFrom(config: GraphConfig, timeoutMs?: number): GraphClient {
  return createGraphClient({
    tenantId: config.ENTRA_TENANT_ID,
    clientId: config.ENTRA_CLIENT_ID,
    clientSecret: config.ENTRA_CLIENT_SECRET,
    ...(config.GRAPH_BASE_URL && { baseUrl: config.GRAPH_BASE_URL }),
    ...(config.ENTRA_AUTHORITY_HOST && { authorityHost: config.ENTRA_AUTHORITY_HOST }),
    ...(timeoutMs && { timeoutMs }),
  });
}

/** The lists that mark accounts, by directory group. Without a break-glass group nothing is ever decided. */
export const standingEnv = {
  BREAK_GLASS_GROUP_IDS: env
    .list()
    .pipe(
      z.array(z.guid('must be group object ids, comma-separated')).min(1, 'must name at least one group'),
    ),
  SERVICE_ACCOUNT_GROUP_IDS: env.list().pipe(z.array(z.guid())).default([]),
  VIP_GROUP_IDS: env.list().pipe(z.array(z.guid())).default([]),
  /** App registrations that are Sallyport's, so that our own changes are told from a person's. */
  OWN_APP_IDS: env.list().pipe(z.array(z.guid())).default([]),
};
export type StandingConfig = z.output<z.ZodObject<typeof standingEnv>>;

export function standingGroups(config: StandingConfig): StandingGroups {
  return {
    breakGlass: config.BREAK_GLASS_GROUP_IDS,
    serviceAccount: config.SERVICE_ACCOUNT_GROUP_IDS,
    vip: config.VIP_GROUP_IDS,
  };
}

/** The ServiceNow instance, as which OAuth client. The reader and the writer are two clients. */
export const serviceNowEnv = {
  SERVICENOW_URL: env.url(),
  SERVICENOW_CLIENT_ID: z.string().min(1),
  SERVICENOW_CLIENT_SECRET: env.secret(),
};
