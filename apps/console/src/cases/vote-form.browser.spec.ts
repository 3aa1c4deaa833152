import { type Browser as Chromium, chromium, type Page } from 'playwright-core';
import { testChromium } from '../../../../tools/test-backends';
import { asked } from '../testing/asked-case';
import { people } from '../testing/directory';
import { type RunningConsole, runConsole } from '../testing/running-console';

/** Everything here takes a second on an idle machine; a busy one gets much more. */
const patienceMs = 60_000;
jest.setTimeout(180_000);
const executablePath = testChromium();

// A browser that is not there is counted as skipped, not left out.
(executablePath ? describe : describe.skip)('the form of a vote, in Chromium', () => {
  let running: RunningConsole;
  let browser: Chromium;
  let page: Page;
  beforeAll(async () => {
    running = await runConsole();
    // Root has no sandbox, and containers have little /dev/shm.
    const args = ['--no-sandbox', '--disable-dev-shm-usage'];
    browser = await chromium.launch({ executablePath: executablePath ?? '', args, timeout: patienceMs });
    page = await browser.newPage();
    page.setDefaultTimeout(patienceMs);
  }, 120_000);
  beforeEach(async () => {
    const visitor = running.browser();
    await visitor.signIn(running.provider, { roles: ['Sallyport.Viewer'], claims: { oid: people.ada } });
    const cookies = [...visitor.cookies].map(([name, value]) => ({ name, value, url: running.url }));
    await page.context().addCookies(cookies);
  });
  afterEach(() => running.moveClock(0));
  afterAll(async () => {
    await browser?.close();
    await running?.close();
  }, 60_000);

  it.each([
    ['the sign-in is not recent any more', 16 * 60_000],
    ['the session is over', 9 * 3_600_000],
  ])('leads to the provider by a link where %s', async (_, laterMs) => {
    const c = await running.rig.newCase(...asked());
    await page.goto(`${running.url}/cases/${c.id}`);
    running.moveClock(laterMs);
    await page.getByRole('button', { name: 'Approve', exact: true }).click();
    await page.getByRole('link', { name: 'Sign in again to vote' }).click();
    await page.waitForURL((url) => url.href.startsWith(`${running.provider.issuer}/authorize`));
    expect((await running.rig.caseNow(c)).seq).toBe(c.seq);
  });

  it('takes the vote and shows the case again', async () => {
    const c = await running.rig.newCase(...asked());
    await page.goto(`${running.url}/cases/${c.id}`);
    await page.getByRole('button', { name: 'Approve', exact: true }).click();
    await page.getByText('You have approved.').waitFor();
    expect((await running.rig.caseNow(c)).proposal?.votes).toHaveLength(1);
  });
});
