import { env } from '@sallyport/service';
import { stageEnv } from '@sallyport/stage';
import { z } from 'zod';
import { entraScopeOf, isOfDeeds } from './model/entra-scope';
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
  /**
   * Without a key: the scope of the Entra token that is sent instead, of the identity that this process has in Azure
   * (workload identity, managed identity). Unset: that of Azure's own hosts for them, see `entra-scope.ts`, and no token
   * for any other.
   */
  MODEL_ENTRA_SCOPE: z
    .string()
    .regex(/^(?:https|api):\/\/[\w.:/-]{1,200}\/\.default$/, 'must be a scope that ends in /.default')
    .refine((scope) => !isOfDeeds(scope), 'must not be that of Microsoft Graph or Azure Resource Manager')
    .optional(),
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

/** Mistakes that no single variable shows: an address without a model to ask for there, a key that all may read, or two proofs of who asks. */
const modelIsWhole = (config: ModelConfig): boolean => !config.MODEL_URL || config.MODEL_NAME !== undefined;
const notWhole = { path: ['MODEL_NAME'], error: 'is needed where MODEL_URL is set' };
const proofIsOne = (config: ModelConfig): boolean => !config.MODEL_API_KEY || !config.MODEL_ENTRA_SCOPE;
const notOne = { path: ['MODEL_ENTRA_SCOPE'], error: 'cannot stand beside MODEL_API_KEY' };
const proofIsPrivate = (config: ModelConfig): boolean => {
  const { MODEL_URL: url, MODEL_API_KEY: key } = config;
  if (!url || !URL.canParse(url) || !(key || entraScopeOf(config))) return true;
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || /^(?:localhost|\[::1\]|127(?:\.\d+){3})$/.test(hostname);
};
const notPrivate = { path: ['MODEL_URL'], error: 'must be https where a key or a token is sent' };

export const evalConfig = z
  .object(modelEnv)
  .refine(modelIsWhole, notWhole)
  .refine(proofIsOne, notOne)
  .refine(proofIsPrivate, notPrivate);
export const triageConfig = z
  .object({ ...stageEnv, ...modelEnv })
  .refine(modelIsWhole, notWhole)
  .refine(proofIsOne, notOne)
  .refine(proofIsPrivate, notPrivate);
export type TriageConfig = z.output<typeof triageConfig>;
