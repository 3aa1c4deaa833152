import { ManagedIdentityCredential, WorkloadIdentityCredential } from '@azure/identity';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readConfig } from '@sallyport/service';
import { evalConfig } from '../config';
import { completion, modelServer, reply } from '../testing/model-server';
import { identityOf, modelFrom } from './endpoint';
import { entraScopeOf } from './entra-scope';
import { ModelClient, type ModelEndpoint } from './model-client';

const scope = 'https://cognitiveservices.azure.com/.default';
const question = { system: 'rules', user: 'data', schemaName: 'advice', schema: { type: 'object' } };

describe('which token is asked for', () => {
  const azure = 'https://res.openai.azure.com/openai/v1/chat/completions';
  it.each<[string, Record<string, string>, string | null]>([
    ['Azure OpenAI', { MODEL_URL: azure }, scope],
    ['a model in Foundry', { MODEL_URL: 'https://res.services.ai.azure.com/models/chat/completions' }, scope],
    ['its older host', { MODEL_URL: 'https://res.cognitiveservices.azure.com/openai/v1/x' }, scope],
    [
      'Azure Government',
      { MODEL_URL: 'https://res.openai.azure.us/openai/v1/x' },
      'https://cognitiveservices.azure.us/.default',
    ],
    ['Azure OpenAI with a key', { MODEL_URL: azure, MODEL_API_KEY: 'a-key-of-the-model' }, null],
    [
      'Azure OpenAI where told otherwise',
      { MODEL_URL: azure, MODEL_ENTRA_SCOPE: 'https://ai.azure.com/.default' },
      'https://ai.azure.com/.default',
    ],
    [
      'a gateway where told so',
      { MODEL_URL: 'https://gateway.example/v1/x', MODEL_ENTRA_SCOPE: 'api://gateway/.default' },
      'api://gateway/.default',
    ],
    ['somebody else', { MODEL_URL: 'https://api.openai.com/v1/chat/completions' }, null],
    ['a host that only looks like Azure', { MODEL_URL: 'https://res.openai.azure.com.evil.example/' }, null],
    ['another one', { MODEL_URL: 'https://evilopenai.azure.com/' }, null],
  ])('of %s', (_, given, expected) => {
    const config = readConfig('triage', evalConfig, { ...given, MODEL_NAME: 'a-model' });
    expect(entraScopeOf(config)).toBe(expected);
  });
});

const tenantId = 'c2b1f3a0-8a4b-4e77-b7c3-2f6a1d9e0003';
const workload = {
  AZURE_TENANT_ID: tenantId,
  AZURE_CLIENT_ID: tenantId,
  AZURE_FEDERATED_TOKEN_FILE: '/var/run/secrets/azure/tokens/azure-identity-token',
};
it.each<[string, NodeJS.ProcessEnv, unknown]>([
  ['workload identity', workload, WorkloadIdentityCredential],
  [
    'a service account without the annotation',
    { ...workload, AZURE_CLIENT_ID: '' },
    ManagedIdentityCredential,
  ],
  ['one managed identity of several', { AZURE_CLIENT_ID: tenantId }, ManagedIdentityCredential],
  ['nothing', {}, ManagedIdentityCredential],
])('takes the identity that Azure gives: with %s in the environment', (_, env, expected) => {
  expect(identityOf(env).constructor).toBe(expected);
});

/** The identity endpoint that App Service and Container Apps give to a process. */
async function identityEndpoint(secret: string) {
  const asked: (string | null)[] = [];
  const server = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '', 'http://localhost');
    asked.push(searchParams.get('resource'));
    const known = request.headers['x-identity-header'] === secret;
    const expires_on = String(Math.floor(Date.now() / 1_000) + 3_600);
    const body = { access_token: 'a-token-of-entra', expires_on, token_type: 'Bearer', resource: 'r' };
    response.writeHead(known ? 200 : 400, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { asked, server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/msi/token` };
}

it('sends the token of the identity that Azure gives to the process', async () => {
  const identity = await identityEndpoint('the-header');
  const server = await modelServer((response, { headers }) => {
    const known = headers.authorization === 'Bearer a-token-of-entra' && headers['api-key'] === undefined;
    reply(response, known ? completion('{}') : {}, known ? 200 : 401);
  });
  // A secret that is meant for something else is beside it.
  const given = {
    ...{ IDENTITY_ENDPOINT: identity.url, IDENTITY_HEADER: 'the-header' },
    ...{ AZURE_TENANT_ID: tenantId, AZURE_CLIENT_ID: tenantId, AZURE_CLIENT_SECRET: 'of-somebody' },
  };
  const before = Object.keys(given).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, given);
  try {
    const config = readConfig('triage', evalConfig, {
      MODEL_URL: server.endpoint().url,
      MODEL_NAME: 'a-model',
      MODEL_KEY_HEADER: 'api-key',
      MODEL_ENTRA_SCOPE: scope,
    });
    const client = modelFrom(config, () => 0);
    expect(await client?.ask(question)).toMatchObject({ kind: 'answered' });
    expect(server.requests).toHaveLength(1);
    expect(identity.asked).toEqual(['https://cognitiveservices.azure.com']);
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    identity.server.close();
    identity.server.closeAllConnections();
    await server.close();
  }
});

const failing = (reason: Error) => ({ getToken: () => Promise.reject(reason) });
it.each<[string, NonNullable<ModelEndpoint['entra']>['credential'], string]>([
  [
    'the process has no identity',
    failing(Object.assign(new Error('none'), { name: 'AggregateAuthenticationError' })),
    'misconfigured',
  ],
  [
    'the identity is refused',
    failing(Object.assign(new Error('unauthorized_client'), { statusCode: 400 })),
    'misconfigured',
  ],
  ['the login service is down', failing(new Error('getaddrinfo ENOTFOUND')), 'unavailable'],
  ['the login service does not answer', { getToken: () => new Promise(() => undefined) }, 'timedOut'],
])('asks nobody where %s, and the template writes', async (_, credential, why) => {
  const server = await modelServer((response) => reply(response, completion('{}')));
  try {
    const endpoint = server.endpoint({ apiKey: undefined, entra: { credential, scope }, budgetMs: 1_000 });
    expect(await new ModelClient(endpoint, () => 0).ask(question)).toEqual({ kind: 'failed', why });
    expect(server.requests).toEqual([]);
  } finally {
    await server.close();
  }
});
