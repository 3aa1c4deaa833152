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
    };

/**
 * The part of a chat completion that we rely on. Gateways add fields and finish reasons of their own.
 * https://github.com/openai/openai-openapi (CreateChatCompletionResponse)
 */
const bodySchema = z.looseObject({
  choices: z
    .array(
      z.looseObject({
        finish_reason: z.string().nullish(),
        message: z.looseObject({ content: z.string().nullish(), refusal: z.string().nullish() }),
        /** Azure says here when its filter did not run: then nobody has looked at the text. */
        content_filter_results: z.looseObject({ error: z.unknown() }).nullish(),
      }),
    )
    .min(1),
  usage: z.looseObject({ total_tokens: z.int().nullish() }).nullish(),
});
const errorSchema = z.looseObject({ error: z.looseObject({ code: z.unknown() }) });

/** @param text the body, as far as it was read */
export function readCompletion(status: number, headers: Headers, text: string): Completion {
  if (status !== 200) return failureOf(status, headers, text);
  const body = bodySchema.safeParse(parsed(text));
  const choice = body.data?.choices[0];
  if (!choice) return failed('nonsense');
  const { content, refusal } = choice.message;
  if (choice.finish_reason === 'content_filter' || choice.content_filter_results?.error)
    return failed('filtered');
  if (refusal) return failed('refused');
  if (choice.finish_reason === 'length') return failed('cutOff', 'withMoreTokens');
  if (!content) return failed('nonsense');
  return { kind: 'answered', content, tokens: body.data?.usage?.total_tokens ?? null };
}

function failureOf(status: number, headers: Headers, text: string): Completion {
  if (status === 429) return failed('throttled', 'asItWas', retryAfterMs(headers));
  if (status === 408 || status >= 500) return failed('unavailable', 'asItWas', retryAfterMs(headers));
  // Azure refuses a prompt that its filter dislikes with 400; text in the evidence can provoke that on purpose.
  const code = errorSchema.safeParse(parsed(text)).data?.error.code;
  return failed(code === 'content_filter' ? 'filtered' : 'misconfigured');
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
  again: 'never' | 'asItWas' | 'withMoreTokens' = 'never',
  retryAfter = 0,
): Completion {
  return { kind: 'failed', why, again, retryAfterMs: retryAfter };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
