import { setTimeout as sleep } from 'node:timers/promises';
import type { ModelFailure } from '@sallyport/evidence';
import { CircuitBreaker } from './circuit-breaker';
import { type Completion, failed, readCompletion } from './completion';

/** The longest answer that is read. A schema-true one has a few kilobytes. */
const maxBodyBytes = 256 * 1_024;
/** Between the two attempts, where the endpoint names no time of its own. */
const pauseMs = 250;

export interface ModelEndpoint {
  url: string;
  name: string;
  apiKey: string | undefined;
  keyHeader: 'authorization' | 'api-key';
  /** All attempts together, with the pause between them. */
  budgetMs: number;
  maxTokens: number;
}

export interface ModelQuestion {
  system: string;
  user: string;
  /** JSON Schema within what strict structured outputs allow. */
  schemaName: string;
  schema: object;
}

export type ModelAnswer =
  { kind: 'answered'; content: string; tokens: number | null } | { kind: 'failed'; why: ModelFailure };

/**
 * Asks an OpenAI-compatible endpoint, Azure OpenAI among them, for one answer in a strict JSON schema: at most two
 * requests within the budget, no tools, nothing kept at the provider where it honours `store`. Never throws: whatever
 * goes wrong is an answer too, because advice is never worth a failed case.
 */
export class ModelClient {
  private readonly breaker: CircuitBreaker;

  constructor(
    private readonly endpoint: ModelEndpoint,
    nowMs: () => number,
  ) {
    this.breaker = new CircuitBreaker(nowMs);
  }

  /** Shown beside what it wrote. */
  get name(): string {
    return this.endpoint.name;
  }

  async ask(question: ModelQuestion): Promise<ModelAnswer> {
    if (!this.breaker.admits()) return { kind: 'failed', why: 'paused' };
    const completion = await this.withinBudget(question);
    if (completion.kind === 'answered') {
      this.breaker.succeeded();
      return completion;
    }
    const { why } = completion;
    if (why === 'timedOut' || why === 'unavailable' || why === 'throttled') this.breaker.failed();
    else this.breaker.succeeded();
    return { kind: 'failed', why };
  }

  private async withinBudget(question: ModelQuestion): Promise<Completion> {
    const { budgetMs, maxTokens } = this.endpoint;
    const endsAt = performance.now() + budgetMs;
    // One deadline for everything, so that a second attempt cannot extend it.
    const signal = AbortSignal.timeout(budgetMs);
    const first = await this.request(question, maxTokens, signal);
    if (first.kind === 'answered' || first.again === 'never') return first;
    const waitMs = Math.max(first.retryAfterMs, pauseMs);
    if (performance.now() + waitMs >= endsAt) return first;
    await sleep(waitMs);
    return this.request(question, first.again === 'withMoreTokens' ? maxTokens * 2 : maxTokens, signal);
  }

  private async request(
    { system, user, schemaName, schema }: ModelQuestion,
    maxTokens: number,
    signal: AbortSignal,
  ): Promise<Completion> {
    const { url, name, apiKey, keyHeader } = this.endpoint;
    try {
      const response = await fetch(url, {
        method: 'POST',
        signal,
        // The key goes to the address that was configured and to no other.
        redirect: 'error',
        headers: {
          'content-type': 'application/json',
          ...(apiKey &&
            (keyHeader === 'api-key' ? { 'api-key': apiKey } : { authorization: `Bearer ${apiKey}` })),
        },
        // No `temperature`: reasoning models refuse it, and nothing rests on two answers being the same.
        body: JSON.stringify({
          model: name,
          messages: [
            { role: 'system', content: system },
            { role: 'user', content: user },
          ],
          response_format: { type: 'json_schema', json_schema: { name: schemaName, strict: true, schema } },
          max_completion_tokens: maxTokens,
          n: 1,
          store: false,
        }),
      });
      const text = await boundedText(response);
      return text === null ? failed('nonsense') : readCompletion(response.status, response.headers, text);
    } catch {
      return signal.aborted ? failed('timedOut') : failed('unavailable', 'asItWas');
    }
  }
}

/** The body, or null where it is longer than any answer can be. */
async function boundedText(response: Response): Promise<string | null> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of response.body ?? []) {
    bytes += part.byteLength;
    if (bytes > maxBodyBytes) return null;
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
