import type { ModelFailure } from '@sallyport/evidence';
import { z } from 'zod';

/** What one request came to. `again` tells which failures a second request may mend. */
export type Completion =
  | { kind: 'answered'; content: string; tokens: number | null }
  | {
      kind: 'failed';
      why: ModelFailure;
      again: 'never' | 'asItWas' | 'withMoreTokens';
      retryAfterMs: number;
      /** Whether every question would fail so, and not only this one. */
      ofEndpoint: boolean;
    };

/**
 * Azure has a verdict per category here, and an `error` only where its filter did not run: then nobody has looked at the text.
 * https://learn.microsoft.com/azure/ai-services/openai/concepts/content-filter
 */
const filterResults = z.looseObject({ error: z.unknown().optional() }).nullish().catch(null);

/**
 * The part of a chat completion that we rely on. Gateways add fields and finish reasons of their own, and what is only
 * told beside the answer never costs the answer.
 * https://github.com/openai/openai-openapi (CreateChatCompletionResponse)
 */
const bodySchema = z.looseObject({
  choices: z
    .array(
      z.looseObject({
        finish_reason: z.string().nullish(),
        message: z.looseObject({ content: z.string().nullish(), refusal: z.string().nullish() }),
        content_filter_results: filterResults,
      }),
    )
    .min(1),
  prompt_filter_results: z
    .array(z.looseObject({ content_filter_results: filterResults }))
    .nullish()
    .catch(null),
  usage: z
    .looseObject({ total_tokens: z.int().nonnegative().nullish().catch(null) })
    .nullish()
    .catch(null),
});
const errorSchema = z.looseObject({ error: z.looseObject({ code: z.unknown().optional() }) });

/** @param text the body, or null where it is longer than any answer can be */
export function readCompletion(status: number, headers: Headers, text: string | null): Completion {
  if (status !== 200) return failureOf(status, headers, text ?? '');
  if (text === null) return failed('nonsense');
  const body = bodySchema.safeParse(parsed(text));
  const choice = body.data?.choices[0];
  if (!choice) return failed('nonsense');
  const { content, refusal } = choice.message;
  const verdicts = [choice, ...(body.data?.prompt_filter_results ?? [])];
  const isUnfiltered = verdicts.some((it) => it.content_filter_results?.error);
  if (choice.finish_reason === 'content_filter' || isUnfiltered) return failed('filtered');
  if (refusal) return failed('refused');
  if (choice.finish_reason === 'length') return failed('cutOff', { again: 'withMoreTokens' });
  if (!content) return failed('nonsense');
  return { kind: 'answered', content, tokens: body.data?.usage?.total_tokens ?? null };
}

/** Refusals of the key, the address, the model or a field: the next question has the same. */
const refusesAll: readonly number[] = [401, 403, 404, 405, 422];

function failureOf(status: number, headers: Headers, text: string): Completion {
  const ofEndpoint = true;
  const again = { again: 'asItWas', retryAfterMs: retryAfterMs(headers), ofEndpoint } as const;
  if (status === 429) return failed('throttled', again);
  if (status === 408 || status >= 500) return failed('unavailable', again);
  // Azure refuses a prompt that its filter dislikes with 400; text in the evidence can provoke that on purpose.
  const code = errorSchema.safeParse(parsed(text)).data?.error.code;
  if (code === 'content_filter') return failed('filtered');
  return failed('misconfigured', { ofEndpoint: refusesAll.includes(status) });
}

/** `retry-after` in seconds, or Azure's `retry-after-ms`; a date is not waited for. */
function retryAfterMs(headers: Headers): number {
  const ms = headers.get('retry-after-ms');
  const seconds = headers.get('retry-after');
  const wait = ms !== null ? Number(ms) : seconds !== null ? Number(seconds) * 1_000 : 0;
  return Number.isFinite(wait) && wait >= 0 ? wait : Number.POSITIVE_INFINITY;
}

export function failed(
  why: ModelFailure,
  over: Partial<Pick<Extract<Completion, { kind: 'failed' }>, 'again' | 'retryAfterMs' | 'ofEndpoint'>> = {},
): Completion {
  return { kind: 'failed', why, again: 'never', retryAfterMs: 0, ofEndpoint: false, ...over };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
