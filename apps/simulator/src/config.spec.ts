import { readConfig } from './config';

const right = {
  SIMULATOR_TLS_DIR: '/tmp/x',
  SIMULATOR_TENANT_ID: 'c2b1f3a0-8a4b-4e77-b7c3-2f6a1d9e0003',
  SIMULATOR_BOT_APP_ID: 'c2b1f3a0-8a4b-4e77-b7c3-2f6a1d9e0004',
};

it('reads a small environment and fills in the rest', () => {
  expect(readConfig({ ...right, PATH: '/bin' })).toMatchObject({
    SIMULATOR_PORT: 0,
    SIMULATOR_LIMITS: 'off',
  });
});

it('names every mistake at once', () => {
  const wrong = {
    ...right,
    SIMULATOR_TENANT_ID: 'contoso',
    SIMULATOR_PORT: '70000',
    SIMULATOR_LIMITS: 'some',
    SIMULATOR_CLIENTS: '{',
    SIMULATOR_COLOUR: 'red',
  };
  expect(() => readConfig(wrong)).toThrow(
    /(?=[\s\S]*TENANT_ID)(?=[\s\S]*PORT)(?=[\s\S]*LIMITS)(?=[\s\S]*CLIENTS)(?=[\s\S]*COLOUR)/,
  );
});
