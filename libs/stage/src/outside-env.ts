import {
  BudgetStore,
  budgetsOf,
  createGraphClient,
  extensionAttributeOf,
  type GraphClient,
  GraphLimiter,
  type OwnRights,
  type Priority,
  type StandingLists,
  upnPatternOf,
} from '@sallyport/entra';
import { stepKinds } from '@sallyport/evidence';
import { env } from '@sallyport/service';
import { queueBackend } from '@sallyport/queue';
import { z } from 'zod';
import { limiterMetrics } from './graph-metrics';
import type { StageConfig } from './stage-env';

/** Which tenant, as which app registration. Each service has its own registration with the least it needs. */
export const graphEnv = {
  ENTRA_TENANT_ID: env.guid(),
  ENTRA_CLIENT_ID: env.guid(),
  ENTRA_CLIENT_SECRET: env.secret(),
  /** Only for national clouds and rehearsals. */
  GRAPH_BASE_URL: env.url().optional(),
  ENTRA_AUTHORITY_HOST: env.url().optional(),
  /** How many times the documented limits of Graph this tenant has, or which part of them Sallyport may use. */
  GRAPH_BUDGET_FACTOR: z.coerce.number().min(0.1).max(100).default(1),
};
type GraphConfig = z.output<z.ZodObject<typeof graphEnv>>;

interface GraphUse {
  /** Bound of one call. */
  timeoutMs?: number;
  /** How urgent this service's calls are. Default `read`. */
  priority?: Priority;
  /** Send directory reads of the same moment together. */
  batchDirectoryReads?: boolean;
  /** How long a call waits for the tenant's budget. */
  budgetWaitMs?: number;
  /**
   * Of another client of this process on the same tenant: within one limiter the most urgent call goes first. The calls
   * of both are then counted as if one application made them.
   */
  limiter?: GraphLimiter | null;
}

/** A client whose calls keep to the tenant's limits together with those of all other replicas and services. */
export function graphClientFrom(
  config: GraphConfig & Pick<StageConfig, 'DATABASE_URL' | 'QUEUE_URL'>,
  { timeoutMs, priority, budgetWaitMs, batchDirectoryReads, limiter }: GraphUse = {},
): GraphClient {
  return createGraphClient({
    limiter: limiter ?? limiterFrom(config, budgetWaitMs),
    priority,
    batchDirectoryReads,
    tenantId: config.ENTRA_TENANT_ID,
    clientId: config.ENTRA_CLIENT_ID,
    clientSecret: config.ENTRA_CLIENT_SECRET,
    ...(config.GRAPH_BASE_URL && { baseUrl: config.GRAPH_BASE_URL }),
    ...(config.ENTRA_AUTHORITY_HOST && { authorityHost: config.ENTRA_AUTHORITY_HOST }),
    ...(timeoutMs && { timeoutMs }),
  });
}

function limiterFrom(
  config: GraphConfig & Pick<StageConfig, 'DATABASE_URL' | 'QUEUE_URL'>,
  budgetWaitMs: number | undefined,
): GraphLimiter {
  const { kind, url } = queueBackend(config);
  return new GraphLimiter({
    owner: { tenantId: config.ENTRA_TENANT_ID, clientId: config.ENTRA_CLIENT_ID },
    store: BudgetStore.on({ kind, url }),
    budgets: budgetsOf(config.GRAPH_BUDGET_FACTOR),
    watch: limiterMetrics,
    ...(budgetWaitMs && { waitMs: budgetWaitMs }),
  });
}

/** A list of which each item is parsed, with a mistake in one as a mistake of the variable. */
const parsedList = <T>(parse: (item: string) => T) =>
  env.list().transform((items, context): T[] => {
    try {
      return items.map(parse);
    } catch (error) {
      context.addIssue({
        code: 'custom',
        message: error instanceof Error ? error.message : 'cannot be read',
      });
      return z.NEVER;
    }
  });

const groupsOrNoneSchema = z.union([z.tuple([z.literal('none')]), z.array(z.guid()).min(1)]);
/** Directory groups, or the word `none`, so that "nobody is one" is somebody's word and not an oversight. */
const groupsOrNone = () =>
  env
    .list()
    .refine(
      (items) => groupsOrNoneSchema.safeParse(items).success,
      'must be group object ids, comma-separated, or the word none',
    )
    .transform((items) => items.filter((item) => item !== 'none'));

/**
 * The lists that mark accounts, by directory group, and where it is told also by user principal name and by extension
 * attribute. Without a break-glass group nothing is ever decided.
 */
export const standingEnv = {
  BREAK_GLASS_GROUP_IDS: env
    .list()
    .pipe(
      z.array(z.guid('must be group object ids, comma-separated')).min(1, 'must name at least one group'),
    ),
  SERVICE_ACCOUNT_GROUP_IDS: groupsOrNone().default([]),
  VIP_GROUP_IDS: groupsOrNone().default([]),
  /** User principal names with `*` for any characters: `bg-*@contoso.example`. */
  BREAK_GLASS_UPN_PATTERNS: parsedList(upnPatternOf).optional(),
  SERVICE_ACCOUNT_UPN_PATTERNS: parsedList(upnPatternOf).optional(),
  VIP_UPN_PATTERNS: parsedList(upnPatternOf).optional(),
  /** Extension attributes 1 to 15 with the value that marks an account: `extensionAttribute7=break-glass`. */
  BREAK_GLASS_ATTRIBUTES: parsedList(extensionAttributeOf).optional(),
  SERVICE_ACCOUNT_ATTRIBUTES: parsedList(extensionAttributeOf).optional(),
  VIP_ATTRIBUTES: parsedList(extensionAttributeOf).optional(),
  /** App registrations that are Sallyport's, so that our own changes are told from a person's. */
  OWN_APP_IDS: env.list().pipe(z.array(z.guid())).default([]),
  /** Domains that sign in at another identity provider; `none` where there is none. Unset: not known. */
  FEDERATED_DOMAINS: env
    .list()
    .transform((domains) =>
      domains.map((domain) => domain.toLowerCase()).filter((domain) => domain !== 'none'),
    )
    .optional(),
  /** Steps whose Graph permission the executor's registration was granted. Unset: not known. */
  EXECUTOR_STEPS: env
    .list()
    .pipe(z.array(z.enum(stepKinds)))
    .optional(),
  /** Directory role of the executor's service principal. Unset: not known. */
  EXECUTOR_DIRECTORY_ROLE: z
    .enum(['none', 'userAdministrator', 'privilegedAuthenticationAdministrator'])
    .optional(),
};
/** {@link standingEnv} of a deciding service: each list must be told, as an unset one would read as "nobody is on it". */
export const toldStandingEnv = {
  ...standingEnv,
  SERVICE_ACCOUNT_GROUP_IDS: groupsOrNone(),
  VIP_GROUP_IDS: groupsOrNone(),
};
export type StandingConfig = z.output<z.ZodObject<typeof standingEnv>>;

export function standingLists(config: StandingConfig): StandingLists {
  return {
    breakGlass: {
      groups: config.BREAK_GLASS_GROUP_IDS,
      upnPatterns: config.BREAK_GLASS_UPN_PATTERNS ?? [],
      attributes: config.BREAK_GLASS_ATTRIBUTES ?? [],
    },
    serviceAccount: {
      groups: config.SERVICE_ACCOUNT_GROUP_IDS,
      upnPatterns: config.SERVICE_ACCOUNT_UPN_PATTERNS ?? [],
      attributes: config.SERVICE_ACCOUNT_ATTRIBUTES ?? [],
    },
    vip: {
      groups: config.VIP_GROUP_IDS,
      upnPatterns: config.VIP_UPN_PATTERNS ?? [],
      attributes: config.VIP_ATTRIBUTES ?? [],
    },
  };
}

/** What the executor may do, for the preflight. */
export function ownRights(config: StandingConfig): OwnRights {
  return { steps: config.EXECUTOR_STEPS ?? null, directoryRole: config.EXECUTOR_DIRECTORY_ROLE ?? null };
}

/** Where a ticket says whom it is about. */
export const ticketSubjectEnv = {
  /** Path from the incident to the risky user's Entra object id: an immutable id, never a name. */
  TICKET_SUBJECT_FIELD: z
    .string()
    .regex(/^[a-z0-9_]+(\.[a-z0-9_]+){0,3}$/, 'must be a field path such as u_risky_user.u_entra_object_id')
    .default('u_risky_user.u_entra_object_id'),
};

/** The ServiceNow instance, as which OAuth client. Each service has its own client. */
export const serviceNowEnv = {
  SERVICENOW_URL: env.url(),
  SERVICENOW_CLIENT_ID: z.string().min(1),
  SERVICENOW_CLIENT_SECRET: env.secret(),
};
