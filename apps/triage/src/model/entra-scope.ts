/**
 * Hosts of Azure OpenAI and of models in Foundry, each with the scope of its cloud. The v1 API also takes tokens for
 * `https://ai.azure.com/.default`. https://learn.microsoft.com/azure/ai-services/openai/how-to/managed-identity
 */
const azureHost = /\.(?:openai|cognitiveservices|services\.ai)\.azure\.(com|us|cn)$/i;

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
