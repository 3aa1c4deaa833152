/**
 * A visitor of the demo decides a case on the simulated Teams page, in a real browser, on a stack of its own. The
 * pictures of it stay in `.sallyport/pictures/teams-page`. Needs the bundles: `npm test` builds them first.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import { testChromium } from '../../../tools/test-backends';
import { runScenario, type ScenarioResult } from './rehearse/run-scenario';
import { type OpenScene, sceneOn } from './rehearse/scene';
import { undocumented } from './stack/graph-as-documented';
import { Stack } from './stack/stack';

const root = join(__dirname, '../../..');
const pictures = join(root, '.sallyport/pictures/teams-page');
/** Nothing here takes longer than a few seconds on an idle machine; a busy one gets much more. */
const patienceMs = 60_000;
const executablePath = testChromium();

// A browser that is not there is counted as skipped, not left out.
(executablePath ? describe : describe.skip)('on the Teams page, in Chromium', () => {
  let stack: Stack;
  let open: OpenScene;
  let browser: Browser;
  let page: Page;
  let played: Promise<ScenarioResult>;
  const said: string[] = [];
  const complaints: string[] = [];

  beforeAll(async () => {
    if (!existsSync(join(root, 'dist/apps/cli/main.js'))) throw new Error('Build first: npm run build');
    mkdirSync(pictures, { recursive: true });
    stack = await Stack.start({
      queue: 'postgres',
      dist: join(root, 'dist/apps'),
      policyPack: join(root, 'policies/containment-first'),
    });
    await stack.simulator.keepGraphExchanges();
    open = await sceneOn(stack, readFileSync(stack.info.caFile, 'utf8'));
    browser = await chromium.launch({
      executablePath: executablePath ?? '',
      // Root has no sandbox, and containers have little /dev/shm.
      args: ['--no-sandbox', '--disable-dev-shm-usage'],
      timeout: patienceMs,
    });
    const context = await browser.newContext({
      ignoreHTTPSErrors: true,
      viewport: { width: 1_440, height: 1_500 },
      locale: 'en-GB',
      timezoneId: 'Europe/Budapest',
    });
    page = await context.newPage();
    page.setDefaultTimeout(patienceMs);
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    const scenario = join(root, 'scenarios/false-positive-after-new-device.yaml');
    played = runScenario(open.scene, scenario, { byHand: true, progress: (words) => said.push(words) });
    await page.goto(`${stack.info.simulatorUrl}/teams-page`);
  }, 360_000);

  afterAll(async () => {
    await browser?.close();
    await open?.close();
    await stack?.stop();
  }, 60_000);

  const picture = (name: string) => page.screenshot({ path: join(pictures, `${name}.png`) });
  const become = async (name: string) => {
    const person = page.locator('#people button', { hasText: name });
    await person.click();
    await page.locator('#people button[aria-current]', { hasText: name }).waitFor();
  };
  const look = async (where: string) => {
    await page.locator('#conversations button', { hasText: where }).click();
    await page.locator('#conversations button[aria-current]', { hasText: where }).waitFor();
  };
  const card = (): Locator => page.locator('#messages .card').last();
  const shows = (words: string | RegExp, within: Locator = card()) =>
    within.getByText(words).first().waitFor({ timeout: patienceMs });
  const button = (name: string) => card().getByRole('button', { name, exact: true });
  /** A vote updates the message for everybody; until the page has asked again for its reader's own card, it has buttons. */
  const gone = (what: Locator) => what.waitFor({ state: 'detached' });

  it('the question stands in the channel, and whom it is about cannot vote on it', async () => {
    await look('approvals');
    await shows('Approval needed');
    await become('Ines Varga');
    await shows('This case is about you, so you cannot vote on it.');
    await gone(button('Approve'));
    await gone(button('Deny'));
    await picture('1-about-you');
  }, 180_000);

  it('the end of its time is told in the zone of the browser', async () => {
    // Chromium writes one digit before ten o'clock, and a comma after the weekday or none, by its version.
    await card()
      .filter({ hasText: /Open until: \w+,? \d+ \w+ \d{4}, \d{1,2}:\d{2} \(.* UTC\)/ })
      .waitFor();
    expect(await card().textContent()).not.toMatch(/\{\{|undefined|\[object/);
  });

  it('the manager approves in his own chat, and the card says who is still needed', async () => {
    await become('Marek Horvath');
    await look('your chat with the bot');
    await shows('Approval needed');
    await picture('2-manager-is-asked');
    await card().locator('textarea').fill('I called her, she is setting up the new laptop.');
    await button('Approve').click();
    await shows('You have approved. Until the quorum is reached you can still deny.');
    await shows(/User's manager.*: 1 of 1 \(Marek Horvath\)/);
    await shows(/SecOps on-call: 0 of 1/);
    await gone(button('Approve'));
    await picture('3-manager-has-approved');
  }, 180_000);

  it('SecOps sees his vote in the channel and approves, and every copy tells the decision', async () => {
    await become('Sam Okoro');
    await look('approvals');
    await shows(/User's manager.*: 1 of 1 \(Marek Horvath\)/);
    await picture('4-secops-is-asked');
    await button('Approve').click();
    await shows('Approved', card());
    await shows('The quorum is reached.');
    await gone(card().locator('textarea'));
    await picture('5-approved-in-the-channel');
    await become('Marek Horvath');
    await look('your chat with the bot');
    await shows('The quorum is reached.');
    await gone(button('Deny'));
    await picture('6-approved-in-the-chat');
  }, 180_000);

  it('the case ends as the scenario says, and the ticket beside it is resolved', async () => {
    const result = await played;
    expect({ error: result.error, differences: result.checks.filter(({ met }) => !met) }).toEqual({
      error: null,
      differences: [],
    });
    await shows('Resolved', page.locator('#tickets'));
    await shows('RELEASED', page.locator('#tickets'));
    await picture('7-ticket-resolved');
  }, 180_000);

  it('the channel is told what was done, below the question', async () => {
    await become('Sam Okoro');
    await look('approvals');
    await shows('Done: the account is released');
    await shows('Dismiss the user risk in Entra ID Protection');
    await picture('8-result-in-the-channel');
  }, 180_000);

  it('Graph was asked, and has answered, as Microsoft documents it, where its document is', async () => {
    expect(await undocumented(stack.simulator, 10)).toEqual([]);
  });

  it('the page had nothing to complain about', () => {
    expect(complaints).toEqual([]);
  });
});
