import type { TokenCredential } from '@azure/identity';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ModelFailure } from '@sallyport/evidence';
import { CircuitBreaker } from './circuit-breaker';
import { type Completion, failed, readCompletion } from './completion';

/** The longest answer that is read. A schema-true one has a few kilobytes. */
const maxBodyBytes = 256 * 1_024;
/**
 * Between the two attempts, where the endpoint names no time of its own; and up to as much again by chance, so that
 * those who were refused together do not come back together.
 */
const pauseMs = 250;
/** With less than this, or less than half of a smaller budget, an answer is not to be had: nothing is asked. */
const minLeftMs = 1_000;

/**
 * What an endpoint understands beside model, messages and schema. `openai` also says `max_completion_tokens`, `n` and
 * `store`, which servers that refuse unknown fields refuse (Mistral with 422 `extra_forbidden`, Azure before its v1 API);
 * `plain` says no more than `max_tokens`, which reasoning models of OpenAI refuse.
 */
export const modelDialects = ['openai', 'plain'] as const;
export type ModelDialect = (typeof modelDialects)[number];

export interface ModelEndpoint {
  url: string;
  name: string;
  apiKey: string | undefined;
  keyHeader: 'authorization' | 'api-key';
  /** Whose token is sent instead of a key. */
  entra?: { credential: TokenCredential; scope: string };
  /** `openai` unless told otherwise. */
  dialect?: ModelDialect;
  /** All attempts together, with the pause between them and what the case had waited before. */
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

  /** @param waitedMs how much of the budget the case has waited already */
  async ask(question: ModelQuestion, waitedMs = 0): Promise<ModelAnswer> {
    const { budgetMs } = this.endpoint;
    const leftMs = budgetMs - Math.max(0, Math.round(waitedMs));
    if (leftMs < Math.min(minLeftMs, budgetMs / 2)) return { kind: 'failed', why: 'timedOut' };
    const pause = this.breaker.pause();
    if (pause) return { kind: 'failed', why: pause };
    const completion = await this.within(leftMs, question);
    if (completion.kind === 'answered') {
      this.breaker.succeeded();
      return completion;
    }
    const { why, ofEndpoint } = completion;
    // That an endpoint does not answer in the rest of a budget, which a burst of cases leaves, says nothing about it.
    const counts = why === 'timedOut' ? leftMs >= budgetMs / 2 : ofEndpoint;
    if (counts) this.breaker.failed(why);
    // A field or a prompt that is refused is no sign of health either.
    else if (why !== 'timedOut' && why !== 'misconfigured') this.breaker.succeeded();
    return { kind: 'failed', why };
  }

  private async within(leftMs: number, question: ModelQuestion): Promise<Completion> {
    const { maxTokens } = this.endpoint;
    const endsAt = performance.now() + leftMs;
    // One deadline for everything, so that a second attempt cannot extend it.
    const signal = AbortSignal.timeout(leftMs);
    // A slow answer is worth more than a second question: only what failed early is asked again.
    const first = await this.request(question, maxTokens, signal);
    if (first.kind === 'answered' || first.again === 'never') return first;
    const waitMs = Math.max(first.retryAfterMs, pauseMs) + Math.random() * pauseMs;
    if (performance.now() + waitMs >= endsAt) return first;
    await sleep(waitMs);
    const tokens = first.again === 'withMoreTokens' ? maxTokens * 2 : maxTokens;
    const second = await this.request(question, tokens, signal);
    // Out of time because the first attempt failed, or refused what only the second asks for: the first is what happened.
    const isOfFirst = second.kind === 'failed' && (second.why === 'timedOut' || first.why === 'cutOff');
    return isOfFirst ? first : second;
  }

  /** The header that says who asks; null where the login service, or the lack of an identity, leaves nothing to send. */
  private async proof(signal: AbortSignal): Promise<Record<string, string> | null> {
    const { apiKey, keyHeader, entra } = this.endpoint;
    if (!entra) {
      if (!apiKey) return {};
      return keyHeader === 'api-key' ? { 'api-key': apiKey } : { authorization: `Bearer ${apiKey}` };
    }
    try {
      // Of some identities @azure/identity waits on, whatever the signal says.
      const given = entra.credential.getToken(entra.scope, { abortSignal: signal });
      const token = await Promise.race([given, end(signal)]);
      return token && { authorization: `Bearer ${token.token}` };
    } catch (error) {
      if (isOfIdentity(error)) return null;
      throw error;
    }
  }

  private async request(
    { system, user, schemaName, schema }: ModelQuestion,
    maxTokens: number,
    signal: AbortSignal,
  ): Promise<Completion> {
    const { url, name, dialect } = this.endpoint;
    try {
      const proof = await this.proof(signal);
      if (!proof) return failed('misconfigured', { ofEndpoint: true });
      const response = await fetch(url, {
        method: 'POST',
        signal,
        // Key or token go to the address that was configured and to no other.
        redirect: 'error',
        headers: {
          'content-type': 'application/json',
          ...proof,
        },
        // No `temperature`: reasoning models refuse it, and nothing rests on two answers being the same.
        body: JSON.stringify({
          model: name,
          messages: [
            { role: 'system', content: system },
            { role: 'user', content: user },
          ],
          response_format: { type: 'json_schema', json_schema: { name: schemaName, strict: true, schema } },
          ...(dialect === 'plain'
            ? { max_tokens: maxTokens }
            : { max_completion_tokens: maxTokens, n: 1, store: false }),
        }),
      });
      return readCompletion(response.status, response.headers, await boundedText(response));
    } catch {
      return signal.aborted
        ? failed('timedOut', { again: 'asItWas' })
        : failed('unavailable', { again: 'asItWas', ofEndpoint: true });
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

function end(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/** There is no identity, or it is refused: no waiting cures that. Names and status are those of @azure/identity 4.13. */
function isOfIdentity(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.name === 'CredentialUnavailableError' || error.name === 'AggregateAuthenticationError')
    return true;
  return 'statusCode' in error && [400, 401, 403].includes(Number(error.statusCode));
}
