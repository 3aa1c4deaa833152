import { readConfig } from '@sallyport/service';
import { specifyConfig } from '@sallyport/service/testing';
import { triageConfig } from './config';

const right = {
  DATABASE_URL: 'postgres://app:pw@db/sallyport',
};

specifyConfig('triage', triageConfig, right, [
  ['DATABASE_URL', 'mysql://db'],
  ['PORT', 'eighty'],
  ['MODEL_NAME', 'a model\nnamed'],
  ['MODEL_API_KEY', 'short'],
  ['MODEL_ENTRA_SCOPE', 'https://cognitiveservices.azure.com'],
  ['MODEL_KEY_HEADER', 'cookie'],
  ['MODEL_DIALECT', 'azure'],
  ['MODEL_BUDGET_SECONDS', '0'],
  ['MODEL_MAX_TOKENS', '1'],
  ['MODEL_MAY_SEE', 'names,passwords'],
]);

it('needs the name of the model where it has an address, and shows the model nothing personal by itself', () => {
  const addressed = { ...right, MODEL_URL: 'https://models.example/v1/chat/completions' };
  expect(() => readConfig('triage', triageConfig, addressed)).toThrow(/MODEL_NAME: is /);
  expect(() => readConfig('triage', triageConfig, { ...addressed, MODEL_URL: 'the model' })).toThrow(
    /MODEL_URL: must /,
  );
  expect(readConfig('triage', triageConfig, { ...addressed, MODEL_NAME: 'a-model' })).toMatchObject({
    MODEL_BUDGET_SECONDS: 15,
    MODEL_MAY_SEE: [],
  });
});

it('sends the key of the model over TLS only, but for this machine', () => {
  const keyed = (url: string, key = 'a-key-of-the-model') =>
    readConfig('triage', triageConfig, {
      ...right,
      MODEL_URL: url,
      MODEL_NAME: 'a-model',
      ...(key && { MODEL_API_KEY: key }),
    });
  expect(() => keyed('http://models.example/v1/chat/completions')).toThrow(/MODEL_URL: must be https/);
  expect(() => keyed('http://127.models.example/')).toThrow(/MODEL_URL: must be https/);
  for (const url of [
    'http://127.0.0.1:8080/',
    'http://localhost/v1',
    'http://[::1]:1/',
    'https://models.example/',
  ])
    expect(keyed(url)).toMatchObject({ MODEL_URL: url });
  expect(keyed('http://models.example/', '')).toMatchObject({ MODEL_URL: 'http://models.example/' });
});

it('sends a token as it sends a key, and never both', () => {
  const asked =
    (url: string, more: Record<string, string> = {}) =>
    () =>
      readConfig('triage', triageConfig, { ...right, MODEL_URL: url, MODEL_NAME: 'a-model', ...more });
  const scoped = { MODEL_ENTRA_SCOPE: 'api://gateway/.default' };
  expect(asked('http://gateway.example/', scoped)).toThrow(/MODEL_URL: must be https/);
  expect(asked('http://res.openai.azure.com/openai/v1/chat/completions')).toThrow(/MODEL_URL: must be https/);
  expect(asked('https://gateway.example/', { ...scoped, MODEL_API_KEY: 'a-key-of-the-model' })).toThrow(
    /MODEL_ENTRA_SCOPE: cannot stand beside MODEL_API_KEY/,
  );
  expect(asked('https://gateway.example/', scoped)).not.toThrow();
});

it.each([
  ...[
    'graph.microsoft.com',
    'graph.microsoft.us',
    'dod-graph.microsoft.us',
    'microsoftgraph.chinacloudapi.cn',
  ],
  ...['management.azure.com', 'management.usgovcloudapi.net', 'management.chinacloudapi.cn'],
  ...['graph.windows.net', 'management.core.windows.net'],
  ...['GRAPH.microsoft.com', 'graph.microsoft.com:443', 'graph.microsoft.com/', 'management.azure.com/x'],
])('gives no model a token for what acts in the tenant: https://%s', (host) => {
  const asked = (scope: string) => () =>
    readConfig('triage', triageConfig, {
      ...right,
      MODEL_URL: 'https://models.example/v1/chat/completions',
      MODEL_NAME: 'a-model',
      MODEL_ENTRA_SCOPE: scope,
    });
  expect(asked(`https://${host}/.default`)).toThrow(/MODEL_ENTRA_SCOPE: must not be that of Microsoft Graph/);
  expect(asked(`https://not-${host}/.default`)).not.toThrow();
});
