import type { ModelConfig } from '../config';
import { ModelClient } from './model-client';

/** The client for the configured model, or null where none is. */
export function modelFrom(config: ModelConfig, nowMs: () => number): ModelClient | null {
  const { MODEL_URL: url, MODEL_NAME: name } = config;
  if (!url || !name) return null;
  return new ModelClient(
    {
      url,
      name,
      apiKey: config.MODEL_API_KEY,
      keyHeader: config.MODEL_KEY_HEADER,
      dialect: config.MODEL_DIALECT,
      budgetMs: config.MODEL_BUDGET_SECONDS * 1_000,
      maxTokens: config.MODEL_MAX_TOKENS,
    },
    nowMs,
  );
}
