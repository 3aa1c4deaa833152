import { env } from '@sallyport/service';
import { stageEnv } from '@sallyport/stage';
import { z } from 'zod';
import { modelDialects } from './model/model-client';

/** What of a case is personal, and leaves the organisation only where its operator says so. */
export const personalParts = ['names', 'addresses', 'ticketText'] as const;
export type PersonalPart = (typeof personalParts)[number];

/** The model that writes advice; none of it set: the template writes. */
export const modelEnv = {
  /**
   * Where chat completions are asked for, in full: `https://api.openai.com/v1/chat/completions`, or on Azure
   * `https://<resource>.openai.azure.com/openai/v1/chat/completions`, or before its v1 API
   * `https://<resource>.openai.azure.com/openai/deployments/<deployment>/chat/completions?api-version=2024-10-21`.
   */
  MODEL_URL: env.url().optional(),
  /** Model or deployment. Also shown beside the advice. */
  MODEL_NAME: z
    .string()
    .regex(/^[\w.:/@-]{1,100}$/, 'must be the name of a model or deployment')
    .optional(),
  MODEL_API_KEY: env.secret().optional(),
  /** How the key is sent: `authorization: Bearer …`, or Azure's own header `api-key`. */
  MODEL_KEY_HEADER: z.enum(['authorization', 'api-key']).default('authorization'),
  /** Which fields a request has: `plain` for endpoints that refuse OpenAI's newer ones. */
  MODEL_DIALECT: z.enum(modelDialects).default('openai'),
  /** From when the case could be advised, all attempts together. Then the template writes. */
  MODEL_BUDGET_SECONDS: env.int(15, 1, 60),
  /** Of one answer, with what the model thinks to itself. */
  MODEL_MAX_TOKENS: env.int(2_000, 200, 32_000),
  /**
   * Personal data that the model may see beside pseudonyms: `names`, `addresses` (IP), `ticketText`. Without `names`, the
   * words of the ticket still name third persons: only user, manager and addresses are recognised in them.
   */
  MODEL_MAY_SEE: env
    .list()
    .pipe(z.array(z.enum(personalParts)))
    .default([]),
};
export type ModelConfig = z.output<z.ZodObject<typeof modelEnv>>;

/** Mistakes that no single variable shows: an address without a model to ask for there, a key that all may read. */
const modelIsWhole = (config: ModelConfig): boolean => !config.MODEL_URL || config.MODEL_NAME !== undefined;
const notWhole = { path: ['MODEL_NAME'], error: 'is needed where MODEL_URL is set' };
const keyIsPrivate = ({ MODEL_URL: url, MODEL_API_KEY: key }: ModelConfig): boolean => {
  if (!url || !key || !URL.canParse(url)) return true;
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || /^(?:localhost|\[::1\]|127(?:\.\d+){3})$/.test(hostname);
};
const notPrivate = { path: ['MODEL_URL'], error: 'must be https where MODEL_API_KEY is set' };

export const evalConfig = z.object(modelEnv).refine(modelIsWhole, notWhole).refine(keyIsPrivate, notPrivate);
export const triageConfig = z
  .object({ ...stageEnv, ...modelEnv })
  .refine(modelIsWhole, notWhole)
  .refine(keyIsPrivate, notPrivate);
export type TriageConfig = z.output<typeof triageConfig>;
