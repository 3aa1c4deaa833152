import { type Action, actions } from '@sallyport/evidence';
import { z } from 'zod';
import type { EvidenceItem } from '../input/evidence-items';

/** More than this of anything is not advice; it is counted and left out. */
const maxListed = 20;
const sentence = z.strictObject({
  text: z.string().max(2_000),
  cites: z.array(z.string().max(60)).max(maxListed),
});

/** What a model must answer, whatever it was told about the schema: strict modes differ, so this always decides. */
const answerSchema = z.strictObject({
  statements: z.array(sentence).max(maxListed),
  ranking: z.array(z.enum(actions)).max(actions.length),
  reasons: z.array(sentence).max(maxListed),
  openQuestions: z.array(z.string().max(2_000)).max(maxListed),
});
export type Answer = z.infer<typeof answerSchema>;
export type CitingText = z.infer<typeof sentence>;

/** @returns null where it is not the JSON that was asked for, or ranks an action that policy does not allow */
export function readAnswer(content: string, allowed: readonly Action[]): Answer | null {
  // Some compatible servers put the JSON into a code fence whatever they are asked.
  const bare = /^\s*```(?:json)?\s*\n([\s\S]*?)\n?```\s*$/.exec(content)?.[1] ?? content;
  let value: unknown;
  try {
    value = JSON.parse(bare);
  } catch {
    return null;
  }
  const answer = answerSchema.safeParse(value).data;
  return answer?.ranking.every((action) => allowed.includes(action)) ? answer : null;
}

/**
 * The same as JSON Schema, within the subset that strict structured outputs have everywhere: no bounds, every property
 * required, nothing additional. The ids and actions of this very case are enums, so that a strict server cannot invent
 * any. https://learn.microsoft.com/azure/ai-foundry/openai/how-to/structured-outputs
 */
export function answerJsonSchema(items: readonly EvidenceItem[], allowed: readonly Action[]): object {
  const object = (properties: Record<string, object>) => ({
    type: 'object',
    additionalProperties: false,
    required: Object.keys(properties),
    properties,
  });
  const list = (of: object) => ({ type: 'array', items: of });
  const citing = object({
    text: { type: 'string' },
    cites: list({ type: 'string', enum: items.map(({ id }) => id) }),
  });
  return object({
    statements: list(citing),
    ranking: list({ type: 'string', enum: [...allowed] }),
    reasons: list(citing),
    openQuestions: list({ type: 'string' }),
  });
}
