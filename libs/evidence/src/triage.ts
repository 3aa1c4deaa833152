import { z } from 'zod';
import { actions } from './decision';

/** Why a template wrote although a model is configured. Stable codes; the words for people are made from them. */
export const modelFailures = [
  'timedOut',
  'unavailable',
  'throttled',
  'refused',
  'filtered',
  'cutOff',
  'nonsense',
  'ungrounded',
  'misconfigured',
  'paused',
] as const;
export type ModelFailure = (typeof modelFailures)[number];

/** Advice for people. No deciding function takes this type; see `libs/policy` and `libs/case`. */
export const triageSchema = z.strictObject({
  v: z.literal(1),
  /** Who wrote it: the built-in template or a named model. Shown beside the text. */
  author: z.strictObject({ kind: z.enum(['template', 'model']), name: z.string() }),
  statements: z.array(z.string().max(400)).max(5),
  recommendation: z.string().max(400),
  openQuestions: z.array(z.string().max(300)).max(5),
  /** A model's only: for each statement, the evidence it rests on, such as `detections/<id>`. */
  citations: z
    .array(z.array(z.string().max(200)).min(1).max(6))
    .max(5)
    .optional(),
  /** What a reader must know about this advice, in our own words: what was left out, and where it differs from policy. */
  notes: z.array(z.string().max(300)).max(5).optional(),
  /** A model's only: its first choice (null for none) where that is not the strictest action that policy permits. */
  disagreement: z
    .strictObject({ advised: z.enum(actions).nullable(), strictest: z.enum(actions) })
    .nullable()
    .optional(),
  /** A template's only: why no model wrote. Absent where none is configured. */
  fallback: z.enum(modelFailures).optional(),
});
export type Triage = z.infer<typeof triageSchema>;

/** What decides takes nothing that has advice in it, not even where a wider object would fit. */
export type Unadvised<T> = T & { triage?: never };
