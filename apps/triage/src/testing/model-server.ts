import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { type ModelEndpoint } from '../model/model-client';

const requestSchema = z.looseObject({
  model: z.string(),
  max_completion_tokens: z.int().optional(),
  max_tokens: z.int().optional(),
  messages: z.array(z.object({ role: z.string(), content: z.string() })),
  response_format: z.looseObject({ type: z.literal('json_schema') }),
});
export type AskedRequest = z.infer<typeof requestSchema> & { headers: IncomingHttpHeaders; path: string };

/** What the endpoint does with the nth request. Answering is up to it: it may as well not. */
export type Behaviour = (response: ServerResponse, request: AskedRequest, n: number) => void;

/** A chat-completions endpoint on loopback that behaves as it is told. */
export async function modelServer(behaviour: Behaviour) {
  const requests: AskedRequest[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const body = requestSchema.parse(JSON.parse(Buffer.concat(parts).toString('utf8')));
      const asked = { ...body, headers: request.headers, path: request.url ?? '' };
      requests.push(asked);
      behaviour(response, asked, requests.length);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const endpoint = (over: Partial<ModelEndpoint> = {}): ModelEndpoint => ({
    url: `http://127.0.0.1:${port}/v1/chat/completions`,
    name: 'a-model',
    apiKey: 'a-key-of-the-model',
    keyHeader: 'authorization',
    budgetMs: 20_000,
    maxTokens: 1_000,
    ...over,
  });
  return {
    requests,
    endpoint,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A completion with this text, in the form of OpenAI. */
export function completion(content: string | null, over: object = {}): object {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    choices: [
      { index: 0, finish_reason: 'stop', message: { role: 'assistant', content, refusal: null }, ...over },
    ],
    usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
  };
}

export function reply(
  response: ServerResponse,
  body: unknown,
  status = 200,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

/**
 * What Azure OpenAI answers where nothing was filtered: a verdict per category beside the answer, and the same for the
 * prompt. https://learn.microsoft.com/azure/ai-services/openai/concepts/content-filter-annotations
 */
export function azureCompletion(content: string): object {
  const safe = { filtered: false, severity: 'safe' };
  const undetected = { filtered: false, detected: false };
  const verdicts = { hate: safe, self_harm: safe, sexual: safe, violence: safe };
  return {
    choices: [
      {
        content_filter_results: {
          ...verdicts,
          protected_material_code: undetected,
          protected_material_text: undetected,
        },
        finish_reason: 'stop',
        index: 0,
        logprobs: null,
        message: { annotations: [], content, refusal: null, role: 'assistant' },
      },
    ],
    created: 1763888400,
    id: 'chatcmpl-BhAzureSample0000000000000001',
    model: 'gpt-4o-2024-11-20',
    object: 'chat.completion',
    prompt_filter_results: [
      { prompt_index: 0, content_filter_results: { ...verdicts, jailbreak: undetected } },
    ],
    system_fingerprint: 'fp_ee1d74bde0',
    usage: {
      completion_tokens: 5,
      completion_tokens_details: {
        accepted_prediction_tokens: 0,
        audio_tokens: 0,
        reasoning_tokens: 0,
        rejected_prediction_tokens: 0,
      },
      prompt_tokens: 10,
      prompt_tokens_details: { audio_tokens: 0, cached_tokens: 0 },
      total_tokens: 15,
    },
  };
}
