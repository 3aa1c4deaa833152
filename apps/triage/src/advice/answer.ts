import { type Action, actions } from '@sallyport/evidence';
import { z } from 'zod';
import type { EvidenceItem } from '../input/evidence-items';

/** UTF-16 units of a whole answer: ten times one with all that is ever shown. More is not even parsed. */
const maxAnswerLength = 32_768;
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

/**
 * @returns null where it is not the JSON that was asked for, is far longer than that can be, or ranks an action that
 * policy does not allow
 */
export function readAnswer(content: string, allowed: readonly Action[]): Answer | null {
  if (content.length > maxAnswerLength) return null;
  let value: unknown;
  try {
    value = JSON.parse(unfenced(content.trim()));
  } catch {
    return null;
  }
  const answer = answerSchema.safeParse(value).data;
  return answer?.ranking.every((action) => allowed.includes(action)) ? answer : null;
}

/** Without the code fence that some compatible servers put around JSON whatever they are asked. */
function unfenced(text: string): string {
  if (!text.startsWith(fence) || !text.endsWith(fence)) return text;
  const [opening = ''] = text.split('\n', 1);
  const isOurs = [fence, `${fence}json`].includes(opening.trimEnd());
  return isOurs ? text.slice(opening.length, -fence.length) : text;
}
const fence = '```';

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
