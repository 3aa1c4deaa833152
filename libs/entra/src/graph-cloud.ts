/** Microsoft's clouds, each with a Graph and a login service of its own. GCC is in the public one; DoD has its own Graph. */
export type GraphCloudName = 'public' | 'usGovernment' | 'china';

interface GraphCloud {
  name: GraphCloudName;
  /** Origin of its login service. */
  authorityHost: string;
}

const usGovernment: GraphCloud = { name: 'usGovernment', authorityHost: 'https://login.microsoftonline.us' };

/** By the origin of Graph. https://learn.microsoft.com/graph/deployments */
const clouds: ReadonlyMap<string, GraphCloud> = new Map([
  ['https://graph.microsoft.com', { name: 'public', authorityHost: 'https://login.microsoftonline.com' }],
  ['https://graph.microsoft.us', usGovernment],
  ['https://dod-graph.microsoft.us', usGovernment],
  [
    'https://microsoftgraph.chinacloudapi.cn',
    { name: 'china', authorityHost: 'https://login.chinacloudapi.cn' },
  ],
]);

export const publicGraph = 'https://graph.microsoft.com';

/** @returns null for a Graph that is not Microsoft's, as in a rehearsal. */
export function graphCloudOf(baseUrl: string = publicGraph): GraphCloud | null {
  return clouds.get(new URL(baseUrl).origin) ?? null;
}

/**
 * Permissions of an app-only token are those granted to the app; there is nothing to choose per call. A token is for one
 * cloud's Graph: the scope names its root. https://learn.microsoft.com/graph/sdks/national-clouds
 */
export const graphScope = ({ origin }: { origin: string }): string => `${origin}/.default`;
