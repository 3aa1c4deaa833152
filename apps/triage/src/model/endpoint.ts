import { ManagedIdentityCredential, type TokenCredential, WorkloadIdentityCredential } from '@azure/identity';
import type { ModelConfig } from '../config';
import { entraScopeOf } from './entra-scope';
import { ModelClient } from './model-client';

/** The client for the configured model, or null where none is. */
export function modelFrom(config: ModelConfig, nowMs: () => number): ModelClient | null {
  const { MODEL_URL: url, MODEL_NAME: name } = config;
  if (!url || !name) return null;
  const scope = entraScopeOf(config);
  return new ModelClient(
    {
      url,
      name,
      apiKey: config.MODEL_API_KEY,
      keyHeader: config.MODEL_KEY_HEADER,
      ...(scope && { entra: { credential: identityOf(process.env), scope } }),
      dialect: config.MODEL_DIALECT,
      budgetMs: config.MODEL_BUDGET_SECONDS * 1_000,
      maxTokens: config.MODEL_MAX_TOKENS,
    },
    nowMs,
  );
}

/**
 * The identity that Azure gives to the process, by the environment that it gives with it. Not `DefaultAzureCredential`: that
 * also takes a secret meant for something else, or the login of whoever evaluates a model on their own machine.
 */
export function identityOf(env: NodeJS.ProcessEnv): TokenCredential {
  const {
    AZURE_CLIENT_ID: clientId,
    AZURE_TENANT_ID: tenantId,
    AZURE_FEDERATED_TOKEN_FILE: tokenFilePath,
  } = env;
  if (clientId && tenantId && tokenFilePath)
    return new WorkloadIdentityCredential({ clientId, tenantId, tokenFilePath });
  return clientId ? new ManagedIdentityCredential({ clientId }) : new ManagedIdentityCredential();
}
