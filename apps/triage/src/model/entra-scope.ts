/**
 * Hosts of Azure OpenAI and of models in Foundry, each with the scope of its cloud. The v1 API also takes tokens for
 * `https://ai.azure.com/.default`. https://learn.microsoft.com/azure/ai-services/openai/how-to/managed-identity
 */
const azureHost = /\.(?:openai|cognitiveservices|services\.ai)\.azure\.(com|us|cn)$/i;

/**
 * Microsoft Graph and Azure Resource Manager in each cloud, and older names of both. With a token for one of them, whoever
 * answers at the address of the model could do what the identity may. https://learn.microsoft.com/graph/deployments
 */
const hostsOfDeeds: ReadonlySet<string> = new Set([
  'graph.microsoft.com',
  'graph.microsoft.us',
  'dod-graph.microsoft.us',
  'microsoftgraph.chinacloudapi.cn',
  ...['graph.windows.net', 'graph.microsoftazure.us', 'graph.chinacloudapi.cn'],
  ...['management.azure.com', 'management.usgovcloudapi.net', 'management.chinacloudapi.cn'],
  ...['management.core.windows.net', 'management.core.usgovcloudapi.net', 'management.core.chinacloudapi.cn'],
]);

/** Whether a scope is one of those. */
export function isOfDeeds(scope: string): boolean {
  return URL.canParse(scope) && hostsOfDeeds.has(new URL(scope).hostname.toLowerCase());
}

interface Asked {
  MODEL_URL?: string | undefined;
  MODEL_API_KEY?: string | undefined;
  MODEL_ENTRA_SCOPE?: string | undefined;
}

/** What a token is asked for, or null where a key is sent, or nothing. */
export function entraScopeOf(asked: Asked): string | null {
  const { MODEL_URL: url, MODEL_API_KEY: key, MODEL_ENTRA_SCOPE: scope } = asked;
  if (key || !url || !URL.canParse(url)) return null;
  if (scope) return scope;
  const cloud = azureHost.exec(new URL(url).hostname)?.[1];
  return cloud ? `https://cognitiveservices.azure.${cloud.toLowerCase()}/.default` : null;
}
