import { createHash } from 'node:crypto';
import type { Action, Evidence, ModelFailure } from '@sallyport/evidence';
import { type GroundedAdvice, groundedAdvice } from './advice/advice';
import { type Answer, answerJsonSchema, readAnswer } from './advice/answer';
import type { PersonalPart } from './config';
import { evidenceItems } from './input/evidence-items';
import { promptFor, promptVersion } from './input/prompt';
import type { ModelClient } from './model/model-client';

export type AskableModel = Pick<ModelClient, 'ask' | 'name'>;

/** One question to a model and what is left of its answer. */
export type Consultation = { promptHash: string; tokens: number | null } & (
  { kind: 'answered'; answer: Answer; grounded: GroundedAdvice } | { kind: 'failed'; why: ModelFailure }
);

/** @param allowed what the model may rank, strictest first */
export async function consult(
  model: AskableModel,
  evidence: Evidence,
  allowed: readonly Action[],
  maySee: readonly PersonalPart[],
): Promise<Consultation> {
  const items = evidenceItems(evidence, maySee);
  const prompt = promptFor(items, allowed);
  const promptHash = createHash('sha256').update(`${prompt.system}\n${prompt.user}`).digest('hex');
  const schema = answerJsonSchema(items, allowed);
  const answered = await model.ask({ ...prompt, schemaName: promptVersion, schema });
  if (answered.kind === 'failed') return { kind: 'failed', why: answered.why, promptHash, tokens: null };
  const { tokens } = answered;
  const answer = readAnswer(answered.content, allowed);
  if (!answer) return { kind: 'failed', why: 'nonsense', promptHash, tokens };
  const grounded = groundedAdvice(answer, items, allowed, model.name);
  return { kind: 'answered', answer, grounded, promptHash, tokens };
}
