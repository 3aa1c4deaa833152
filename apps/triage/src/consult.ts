import { createHash } from 'node:crypto';
import type { Action, Evidence, ModelFailure } from '@sallyport/evidence';
import { type Asked, type GroundedAdvice, groundedAdvice } from './advice/advice';
import { type Answer, answerJsonSchema, readAnswer } from './advice/answer';
import type { PersonalPart } from './config';
import { type EvidenceItem, evidenceItems } from './input/evidence-items';
import { type Prompt, promptFor, promptVersion } from './input/prompt';
import type { ModelClient } from './model/model-client';

export type AskableModel = Pick<ModelClient, 'ask' | 'name'>;

/** What a model is asked about one case. */
export interface CaseQuestion extends Asked {
  items: readonly EvidenceItem[];
  prompt: Prompt;
  promptHash: string;
}

/** One question to a model and what is left of its answer. */
export type Consultation = { promptHash: string; tokens: number | null; tookMs: number } & (
  { kind: 'answered'; answer: Answer; grounded: GroundedAdvice } | { kind: 'failed'; why: ModelFailure }
);

/**
 * @param allowed what the model may rank, strictest first
 * @param contained whether policy had it contained at once already
 */
export function questionOf(
  evidence: Evidence,
  allowed: readonly Action[],
  maySee: readonly PersonalPart[],
  contained = false,
): CaseQuestion {
  const items = evidenceItems(evidence, maySee);
  const prompt = promptFor(items, allowed);
  const promptHash = createHash('sha256').update(`${prompt.system}\n${prompt.user}`).digest('hex');
  return { items, allowed, contained, prompt, promptHash };
}

/** @param waitedMs how much of the model's budget the case has waited already */
export async function consult(
  model: AskableModel,
  { items, allowed, contained, prompt, promptHash }: CaseQuestion,
  waitedMs = 0,
): Promise<Consultation> {
  const schema = answerJsonSchema(items, allowed);
  const askedAt = performance.now();
  const answered = await model.ask({ ...prompt, schemaName: promptVersion, schema }, waitedMs);
  const tookMs = performance.now() - askedAt;
  const tokens = answered.kind === 'failed' ? null : answered.tokens;
  const told = { promptHash, tokens, tookMs };
  if (answered.kind === 'failed') return { kind: 'failed', why: answered.why, ...told };
  const answer = readAnswer(answered.content, allowed);
  if (!answer) return { kind: 'failed', why: 'nonsense', ...told };
  return {
    kind: 'answered',
    answer,
    grounded: groundedAdvice(answer, items, { allowed, contained }, model.name),
    ...told,
  };
}
