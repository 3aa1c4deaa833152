import { startOidcProvider } from './testing/oidc-provider';
import { freePort, type RunningConsole, runConsole } from './testing/running-console';

/** Postgres and migrations come up first, on a machine that others share. */
jest.setTimeout(60_000);

describe('while the identity provider is down', () => {
  let running: RunningConsole;
  let providerPort: number;
  beforeAll(async () => {
    providerPort = await freePort();
    running = await runConsole({ OIDC_ISSUER: `http://127.0.0.1:${providerPort}/tenant` });
  });
  afterAll(() => running.close());

  it('the console runs and says that it is not ready, and why', async () => {
    expect((await running.browser().get('/healthz')).status).toBe(200);
    const ready = await running.browser().get('/readyz');
    expect(ready.status).toBe(503);
    expect(await ready.json()).toMatchObject({ failed: ['identity provider'] });
  });

  it('signing in tells so and starts nothing', async () => {
    const browser = running.browser();
    const response = await browser.get('/login');
    expect(response.status).toBe(503);
    expect(await response.text()).toContain('sign-in cannot be reached');
    expect(browser.cookies.size).toBe(0);
  });

  it('nothing needs a restart once it is back', async () => {
    const provider = await startOidcProvider(providerPort);
    try {
      expect((await running.browser().get('/readyz')).status).toBe(200);
      const browser = running.browser();
      await browser.signIn(provider, { roles: ['Sallyport.Viewer'] });
      expect((await browser.get('/')).status).toBe(200);
    } finally {
      await provider.close();
    }
  });
});
