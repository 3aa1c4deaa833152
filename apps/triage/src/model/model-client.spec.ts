import { azureCompletion, type Behaviour, completion, modelServer, reply } from '../testing/model-server';
import { ModelClient, type ModelEndpoint } from './model-client';

const question = { system: 'rules', user: 'data', schemaName: 'advice', schema: { type: 'object' } };

/** Asks one endpoint that behaves so, and says what came of it and how often it was asked. */
async function asked(behaviour: Behaviour, over: Partial<ModelEndpoint> = {}) {
  const server = await modelServer(behaviour);
  try {
    const answer = await new ModelClient(server.endpoint(over), () => 0).ask(question);
    return { answer, requests: server.requests };
  } finally {
    await server.close();
  }
}

it('asks for strict JSON in the schema, with the key in the header and nothing kept', async () => {
  const { answer, requests } = await asked((response) => reply(response, completion('{}')));
  expect(answer).toEqual({ kind: 'answered', content: '{}', tokens: 15 });
  expect(requests).toHaveLength(1);
  expect(requests[0]).toMatchObject({
    model: 'a-model',
    store: false,
    max_completion_tokens: 1_000,
    messages: [
      { role: 'system', content: 'rules' },
      { role: 'user', content: 'data' },
    ],
    response_format: { json_schema: { name: 'advice', strict: true, schema: { type: 'object' } } },
    headers: { authorization: 'Bearer a-key-of-the-model' },
  });
});

it('sends the key as Azure wants it where told so', async () => {
  const { requests } = await asked((response) => reply(response, completion('{}')), { keyHeader: 'api-key' });
  expect(requests[0]?.headers).toMatchObject({ 'api-key': 'a-key-of-the-model' });
  expect(requests[0]?.headers.authorization).toBeUndefined();
});

it('says no more than every compatible endpoint knows where told so', async () => {
  const { answer, requests } = await asked((response) => reply(response, azureCompletion('{}')), {
    dialect: 'plain',
  });
  expect(answer.kind).toBe('answered');
  const { headers: _headers, path: _path, ...body } = requests[0]!;
  expect(Object.keys(body).sort()).toEqual(['max_tokens', 'messages', 'model', 'response_format']);
  expect(body.max_tokens).toBe(1_000);
});

it('is asked at its whole address, as Azure had it before its v1 API', async () => {
  const server = await modelServer((response) => reply(response, azureCompletion('{}')));
  try {
    const path = '/openai/deployments/a-model/chat/completions?api-version=2024-10-21';
    const url = new URL(path, server.endpoint().url).href;
    const client = new ModelClient(server.endpoint({ url, keyHeader: 'api-key', dialect: 'plain' }), () => 0);
    expect(await client.ask(question)).toMatchObject({ kind: 'answered', content: '{}' });
    expect(server.requests[0]?.path).toBe(path);
  } finally {
    await server.close();
  }
});

it.each<[string, object]>([
  ['what Azure’s filter found harmless', azureCompletion('{}')],
  ['an empty verdict', completion('{}', { content_filter_results: {} })],
  ['a verdict in a form of its own', completion('{}', { content_filter_results: ['safe'] })],
  ['half a token', { ...completion('{}'), usage: { total_tokens: 1.5 } }],
  ['no count of tokens', { ...completion('{}'), usage: 'unknown' }],
])('is believed with %s beside its answer', async (_, body) => {
  expect((await asked((response) => reply(response, body))).answer).toMatchObject({
    kind: 'answered',
    content: '{}',
  });
});

const filterError = { error: { code: 'content_filter', message: 'The prompt was filtered.' } };
const withError = completion('{}', { content_filter_results: { error: { code: 'content_filter_error' } } });

const promptError = {
  ...completion('{}'),
  prompt_filter_results: [
    { prompt_index: 0, content_filter_results: { error: { code: 'content_filter_error' } } },
  ],
};

it.each<[string, Behaviour, string, number]>([
  [
    'refuses',
    (r) => reply(r, completion(null, { message: { content: null, refusal: 'No.' } })),
    'refused',
    1,
  ],
  [
    'is filtered in its answer',
    (r) => reply(r, completion('', { finish_reason: 'content_filter' })),
    'filtered',
    1,
  ],
  ['has its prompt filtered by Azure', (r) => reply(r, filterError, 400), 'filtered', 1],
  ['could not be filtered', (r) => reply(r, withError), 'filtered', 1],
  ['had a prompt that could not be filtered', (r) => reply(r, promptError), 'filtered', 1],
  ['is cut off twice', (r) => reply(r, completion('{"a', { finish_reason: 'length' })), 'cutOff', 2],
  ['is over its quota twice', (r) => reply(r, {}, 429, { 'retry-after-ms': '10' }), 'throttled', 2],
  [
    'asks for more patience than there is',
    (r) => reply(r, {}, 429, { 'retry-after': '3600' }),
    'throttled',
    1,
  ],
  [
    'names a date to wait for',
    (r) => reply(r, {}, 429, { 'retry-after': 'Fri, 20 Nov 2026 09:12:01 GMT' }),
    'throttled',
    1,
  ],
  ['fails twice', (r) => reply(r, 'Bad gateway', 502), 'unavailable', 2],
  ['hangs up', (r) => void r.destroy(), 'unavailable', 2],
  [
    'refuses the request',
    (r) => reply(r, { error: { code: null, param: 'response_format' } }, 400),
    'misconfigured',
    1,
  ],
  ['refuses the key', (r) => reply(r, { error: { code: 'invalid_api_key' } }, 401), 'misconfigured', 1],
  ['answers with a page', (r) => reply(r, '<html>'), 'nonsense', 1],
  ['answers with nothing', (r) => reply(r, completion(null)), 'nonsense', 1],
  ['is down, with a long page', (r) => reply(r, 'x'.repeat(300_000), 503), 'unavailable', 2],
  ['answers without end', (r) => reply(r, 'x'.repeat(300_000)), 'nonsense', 1],
  ['sends us elsewhere', (r) => reply(r, '', 307, { location: 'http://127.0.0.1:1/' }), 'unavailable', 2],
])('one that %s', async (_, behaviour, why, requests) => {
  const result = await asked(behaviour);
  expect(result.answer).toEqual({ kind: 'failed', why });
  expect(result.requests).toHaveLength(requests);
});

it('is asked again once, with more room where the first answer was cut off', async () => {
  const { answer, requests } = await asked((response, _, n) =>
    reply(response, n === 1 ? completion('{"a', { finish_reason: 'length' }) : completion('{}')),
  );
  expect(answer.kind).toBe('answered');
  expect(requests.map((request) => request.max_completion_tokens)).toEqual([1_000, 2_000]);
});

it('is heard where it takes nearly all of the budget to answer', async () => {
  const { answer, requests } = await asked(
    (response, _, n) => n === 1 && setTimeout(() => reply(response, completion('{}')), 4_100),
    { budgetMs: 6_000 },
  );
  expect(requests).toHaveLength(1);
  expect(answer).toMatchObject({ kind: 'answered' });
});

it('was cut off, also where it refuses more room', async () => {
  const { answer, requests } = await asked((response, _, n) =>
    n === 1
      ? reply(response, completion('{"a', { finish_reason: 'length' }))
      : reply(response, { error: { code: 'invalid_value', param: 'max_completion_tokens' } }, 400),
  );
  expect(requests).toHaveLength(2);
  expect(answer).toEqual({ kind: 'failed', why: 'cutOff' });
});

it('is not taken for well because it refuses a request between two failures', async () => {
  const server = await modelServer((response, _, n) => reply(response, {}, n === 5 ? 400 : 503));
  try {
    const client = new ModelClient(server.endpoint(), () => 0);
    const whys = [];
    for (let n = 0; n < 5; n += 1) {
      const answer = await client.ask(question);
      whys.push(answer.kind === 'failed' && answer.why);
    }
    expect(whys).toEqual(['unavailable', 'unavailable', 'misconfigured', 'unavailable', 'paused']);
  } finally {
    await server.close();
  }
});

it('is not waited for longer than the budget, however it dawdles', async () => {
  const never = await asked(() => undefined, { budgetMs: 200 });
  expect(never.answer).toEqual({ kind: 'failed', why: 'timedOut' });
  // Headers in time and a body that never ends: the deadline holds for the whole answer.
  const drip = await asked(
    (response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{"choices":');
    },
    { budgetMs: 200 },
  );
  expect(drip.answer).toEqual({ kind: 'failed', why: 'timedOut' });
});

it('is told as what went wrong where there was no time for a second attempt', async () => {
  const { answer, requests } = await asked(
    (response, _, n) => (n === 1 ? reply(response, {}, 429) : undefined),
    { budgetMs: 4_000 },
  );
  expect(requests).toHaveLength(2);
  expect(answer).toEqual({ kind: 'failed', why: 'throttled' });
});

it('is asked within what a case that waited has left of the budget, and not at all where that is next to nothing', async () => {
  const server = await modelServer((response) => reply(response, completion('{}')));
  try {
    const client = new ModelClient(server.endpoint({ budgetMs: 30_000 }), () => 0);
    expect(await client.ask(question, 20_000)).toMatchObject({ kind: 'answered' });
    for (const waitedMs of [29_100, 30_000, 3_600_000])
      expect(await client.ask(question, waitedMs)).toEqual({ kind: 'failed', why: 'timedOut' });
    // A clock that is behind that of the process before.
    expect(await client.ask(question, -60_000)).toMatchObject({ kind: 'answered' });
    expect(server.requests).toHaveLength(2);
  } finally {
    await server.close();
  }
});

it('is not blamed for what a burst of cases left it no time for', async () => {
  let busy = true;
  const server = await modelServer((response) => !busy && reply(response, completion('{}')));
  try {
    const client = new ModelClient(server.endpoint({ budgetMs: 20_000 }), () => 0);
    const burst = await Promise.all([1, 2, 3].map(() => client.ask(question, 18_800)));
    expect(burst).toEqual(Array(3).fill({ kind: 'failed', why: 'timedOut' }));
    busy = false;
    expect(await client.ask(question)).toMatchObject({ kind: 'answered' });
  } finally {
    await server.close();
  }
});

it.each([401, 403, 404, 422])(
  'is left alone for a while where it refuses everything (%d), and people read why',
  async (status) => {
    const server = await modelServer((response) => reply(response, {}, status));
    try {
      const client = new ModelClient(server.endpoint(), () => 0);
      for (let n = 0; n < 6; n += 1)
        expect(await client.ask(question)).toEqual({ kind: 'failed', why: 'misconfigured' });
      expect(server.requests).toHaveLength(3);
    } finally {
      await server.close();
    }
  },
);

it('is left alone for a minute after three failures, then tried once', async () => {
  const time = { ms: 0 };
  let up = false;
  const server = await modelServer((response) =>
    up ? reply(response, completion('{}')) : reply(response, '', 503),
  );
  try {
    const client = new ModelClient(server.endpoint(), () => time.ms);
    for (let n = 0; n < 3; n += 1) expect(await client.ask(question)).toMatchObject({ why: 'unavailable' });
    expect(server.requests).toHaveLength(6);
    expect(await client.ask(question)).toEqual({ kind: 'failed', why: 'paused' });
    time.ms = 60_000;
    expect(await client.ask(question)).toMatchObject({ why: 'unavailable' });
    expect(await client.ask(question)).toEqual({ kind: 'failed', why: 'paused' });
    expect(server.requests).toHaveLength(8);
    time.ms = 120_000;
    up = true;
    expect(await client.ask(question)).toMatchObject({ kind: 'answered' });
    expect(await client.ask(question)).toMatchObject({ kind: 'answered' });
  } finally {
    await server.close();
  }
});

it('cannot be switched off by a text that provokes its filter', async () => {
  const server = await modelServer((response) => reply(response, filterError, 400));
  try {
    const client = new ModelClient(server.endpoint(), () => 0);
    for (let n = 0; n < 5; n += 1) expect(await client.ask(question)).toMatchObject({ why: 'filtered' });
  } finally {
    await server.close();
  }
});
