import { simulatedModel } from '@sallyport/scenario';
import Ajv from 'ajv';
import { runSimulator, type RunningSimulator } from './testing/running-simulator';

const schema = {
  type: 'object',
  additionalProperties: false,
  required: ['summary', 'signals', 'confidence', 'nested', 'remarks'],
  properties: {
    summary: { type: 'string' },
    signals: { type: 'array', items: { type: 'string', enum: ['new_device', 'release'] } },
    confidence: { type: ['string', 'null'], enum: ['low', 'high', null] },
    nested: { $ref: '#/$defs/part' },
    remarks: { type: 'array', items: { type: 'string' } },
  },
  $defs: {
    part: {
      type: 'object',
      additionalProperties: false,
      required: ['count', 'sure', 'choice'],
      properties: {
        count: { type: 'integer' },
        sure: { type: 'boolean' },
        choice: { anyOf: [{ type: 'null' }, { type: 'string' }] },
      },
    },
  },
};
const matches = new Ajv({ strict: false }).compile(schema);
let tenant: RunningSimulator;

beforeAll(async () => {
  tenant = await runSimulator({ SIMULATOR_MODEL_SLOW_MS: '120' });
  for (const mode of ['off', 'slow', 'garbage', 'hostile']) {
    await tenant.load({ model: { mode, match: `ticket-${mode}` } });
  }
});
afterAll(() => tenant.stop());

const ask = (
  prompt: string,
  key: string = simulatedModel.apiKey,
  format: unknown = { name: 'case_v1', strict: true, schema },
) =>
  tenant.call('POST', '/v1/chat/completions', {
    headers: { authorization: `Bearer ${key}` },
    body: {
      model: simulatedModel.deployment,
      messages: [{ role: 'user', content: prompt }],
      response_format: { type: 'json_schema', json_schema: format },
    },
  });
const contentOf = async (prompt: string) => (await ask(prompt)).json.choices[0].message.content;

it('answers honestly in the shape that the schema asks for', async () => {
  const { choices, usage } = (await ask('ticket-honest')).json;
  const answer = JSON.parse(choices[0].message.content);
  expect(matches(answer)).toBe(true);
  expect(choices[0]).toMatchObject({ finish_reason: 'stop', message: { refusal: null } });
  expect(usage.total_tokens).toBe(usage.prompt_tokens + usage.completion_tokens);
});

it('is off, slow, garbage or hostile only for the prompts it is told to be', async () => {
  expect((await ask('ticket-off')).status).toBe(503);
  const began = performance.now();
  expect((await ask('ticket-slow')).status).toBe(200);
  expect(performance.now() - began).toBeGreaterThanOrEqual(110);
  const garbage = await contentOf('ticket-garbage');
  expect(() => JSON.parse(garbage)).toThrow();
  const hostile = JSON.parse(await contentOf('ticket-hostile'));
  expect(matches(hostile)).toBe(true);
  expect(hostile.summary).toContain('https://attacker.example');
  // Also in words that nothing about their form gives away, and with the choice that loosens.
  expect(hostile.remarks).toEqual([hostile.summary, expect.stringMatching(/^[A-Za-z ,.]+$/)]);
  expect(hostile.signals).toEqual(['release']);
  expect(JSON.parse(await contentOf('ticket-honest')).signals).toEqual(['new_device']);
});

it('refuses a wrong key and a malformed schema', async () => {
  expect((await ask('x', 'wrong')).status).toBe(401);
  const bad = await ask('x', simulatedModel.apiKey, { name: 'no spaces allowed', schema });
  expect([bad.status, bad.json.error.type]).toEqual([400, 'invalid_request_error']);
});
