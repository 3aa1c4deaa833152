import { DefaultAzureCredential } from '@azure/identity';
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
      // It reads the environment that Azure gives to a process by itself: `AZURE_CLIENT_ID`, `AZURE_FEDERATED_TOKEN_FILE` …
      ...(scope && { entra: { credential: new DefaultAzureCredential(), scope } }),
      dialect: config.MODEL_DIALECT,
      budgetMs: config.MODEL_BUDGET_SECONDS * 1_000,
      maxTokens: config.MODEL_MAX_TOKENS,
    },
    nowMs,
  );
}
