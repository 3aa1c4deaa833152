import { asked } from '../testing/asked-case';
import { locationOf } from '../testing/browser';
import { people } from '../testing/directory';
import { type RunningConsole, runConsole } from '../testing/running-console';

jest.setTimeout(60_000);

describe.each([
  [
    'c1',
    { claims: '{"id_token":{"acrs":{"essential":true,"value":"c1"}}}' },
    { acrs: ['c1', 'c2'] },
    { acrs: ['c2'] },
  ],
  ['urn:strong', { acr_values: 'urn:strong' }, { acr: 'urn:strong' }, { acr: '1' }],
])('where a vote needs the context %s', (context, asks, enough, tooLittle) => {
  let running: RunningConsole;
  beforeAll(async () => {
    running = await runConsole({ STEP_UP_CONTEXT: context, STEP_UP_MAX_AGE_MINUTES: '5' });
  });
  afterAll(() => running.close());

  async function pageWith(claims: Record<string, unknown>): Promise<string> {
    const c = await running.rig.newCase(...asked());
    const browser = running.browser();
    const answer = { roles: ['Sallyport.Viewer'], claims: { oid: people.ada, ...claims } };
    await browser.signIn(running.provider, answer);
    return (await browser.get(`/cases/${c.id}`)).text();
  }

  it('it is asked of the provider on signing in again, and on no other sign-in', async () => {
    const away = locationOf(await running.browser().get('/login?again'));
    expect(Object.fromEntries(away.searchParams)).toMatchObject({ ...asks, prompt: 'login', max_age: '300' });
    const plain = locationOf(await running.browser().get('/login'));
    for (const name of ['prompt', 'max_age', 'acr_values', 'claims']) {
      expect(plain.searchParams.has(name)).toBe(false);
    }
  });

  it('a sign-in that had it may vote', async () => {
    expect(await pageWith(enough)).toContain('name="choice"');
  });

  it.each([[tooLittle], [{}], [{ acr: 7, acrs: { c1: true } }]])('one with %j may not', async (claims) => {
    const page = await pageWith(claims);
    expect(page).toContain('in the stronger way that your organisation asks for');
    expect(page).not.toContain('name="choice"');
  });
});
