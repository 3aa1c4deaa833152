import { ClientSecretCredential, type TokenCredential } from '@azure/identity';
import { AuthenticationHandler, Client, HTTPMessageHandler } from '@microsoft/microsoft-graph-client';
import { DirectoryBatch } from './directory-batch';
import { originOf } from './base-url';
import type { Priority } from './budget/budgets';
import type { GraphLimiter } from './budget/graph-limiter';
import { graphCloudOf, graphScope, publicGraph } from './graph-cloud';
import { GraphToken } from './graph-token';

export interface GraphClientOptions {
  tenantId: string;
  clientId: string;
  clientSecret: string;
  /** Origin of Graph. Default `https://graph.microsoft.com`; another one is asked for with its own scope. */
  baseUrl?: string;
  /** Origin of the login service. Default: that of the cloud whose Graph it is. */
  authorityHost?: string;
  /** Bound of one call including its body. Default 10 s: above Graph's usual seconds, below a stage's patience. */
  timeoutMs?: number;
  limiter?: GraphLimiter | undefined;
  /** Default `read`. */
  priority?: Priority | undefined;
  /** Send directory reads of the same moment as one `$batch`. Default no. */
  batchDirectoryReads?: boolean | undefined;
}

export interface GraphClient {
  readonly sdk: Client;
  readonly credential: TokenCredential;
  readonly token: GraphToken;
  readonly origin: string;
  readonly timeoutMs: number;
  /** Waited for before each call. Absent only where nobody shares the tenant's limits, as in specs. */
  readonly limiter: GraphLimiter | null;
  /** Where directory reads are gathered; null where each goes alone. */
  readonly directoryBatch: DirectoryBatch | null;
  /** How urgent this service's calls are, unless a call says otherwise. */
  readonly priority: Priority;
  /** Told of each call that leaves, once its turn in the budget has come. */
  readonly leaving?: () => void;
}

/** A login call is retried once by the credential; the stage's own retry does the rest. */
const tokenRetry = { maxRetries: 1, retryDelayInMs: 500, maxRetryDelayInMs: 2_000 };

/** @throws TypeError for a base URL or authority that is not https. */
export function createGraphClient(options: GraphClientOptions): GraphClient {
  const { tenantId, clientId, clientSecret } = options;
  const credential = new ClientSecretCredential(tenantId, clientId, clientSecret, {
    retryOptions: tokenRetry,
    ...loginOf(options),
  });
  return graphClientWith(credential, options);
}

/** The login service that is asked for tokens: the one that is named, or that of the cloud whose Graph it is. */
export function loginOf({ authorityHost, baseUrl }: Pick<GraphClientOptions, 'authorityHost' | 'baseUrl'>): {
  authorityHost?: string;
  disableInstanceDiscovery?: boolean;
} {
  // Instance discovery asks Microsoft's public cloud about the authority, which cannot know a private one.
  if (authorityHost) return { authorityHost: originOf(authorityHost), disableInstanceDiscovery: true };
  const cloud = graphCloudOf(baseUrl);
  return cloud ? { authorityHost: cloud.authorityHost } : {};
}

/** The same with any credential, for example a certificate or a workload identity. */
export function graphClientWith(
  credential: TokenCredential,
  options: Pick<GraphClientOptions, 'baseUrl' | 'timeoutMs' | 'limiter' | 'priority' | 'batchDirectoryReads'>,
): GraphClient {
  const origin = originOf(options.baseUrl ?? publicGraph);
  // Deliberately absent from the chain: the SDK's RetryHandler, which repeats POST and PATCH after a 503 or 504
  // (SDK 3.0.7), its RedirectHandler, which would carry a write to another address, and telemetry.
  const authentication = new AuthenticationHandler({
    getAccessToken: async () => (await credential.getToken(graphScope({ origin })))?.token ?? '',
  });
  const sdk = Client.initWithMiddleware({
    middleware: [authentication, new HTTPMessageHandler()],
    baseUrl: origin,
    defaultVersion: 'v1.0',
    // The SDK attaches tokens only to hosts that it knows or that are named here.
    customHosts: new Set([new URL(origin).hostname]),
  });
  const { timeoutMs = 10_000, limiter = null, priority = 'read' } = options;
  const token = new GraphToken(credential, graphScope({ origin }));
  const alone = { sdk, credential, token, origin, timeoutMs, limiter, priority, directoryBatch: null };
  return options.batchDirectoryReads ? { ...alone, directoryBatch: new DirectoryBatch(alone) } : alone;
}
