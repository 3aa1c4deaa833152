import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { eventFor, type Step } from '@sallyport/case/testing';
import { type Browser as Chromium, chromium, type Page } from 'playwright-core';
import { testChromium } from '../../../../tools/test-backends';
import { asked } from '../testing/asked-case';
import { people } from '../testing/directory';
import { type RunningConsole, runConsole } from '../testing/running-console';

/** Everything here takes a second on an idle machine; a busy one gets much more. */
const patienceMs = 60_000;
jest.setTimeout(180_000);
const executablePath = testChromium();
const pictures = join(__dirname, '../../../../.sallyport/pictures/console');

const inDoubt: readonly Step[] = [
  ...asked([{ role: 'secops', count: 1 }]),
  ...(['approval.voted', 'approval.decided', 'action.started'] as const),
  (c) => eventFor(c, 'action.finished', { outcome: 'unknown' }),
  ...(['execution.completed', 'review.opened', 'notice.posted', 'ticket.updated'] as const),
];

// A browser that is not there is counted as skipped, not left out.
(executablePath ? describe : describe.skip)('the end of a review, in Chromium', () => {
  let running: RunningConsole;
  let browser: Chromium;
  let page: Page;
  beforeAll(async () => {
    running = await runConsole();
    // Root has no sandbox, and containers have little /dev/shm.
    const args = ['--no-sandbox', '--disable-dev-shm-usage'];
    browser = await chromium.launch({ executablePath: executablePath ?? '', args, timeout: patienceMs });
    page = await browser.newPage({ viewport: { width: 1100, height: 900 } });
    page.setDefaultTimeout(patienceMs);
    const visitor = running.browser();
    await visitor.signIn(running.provider, { roles: ['Sallyport.Viewer'], claims: { oid: people.ada } });
    const cookies = [...visitor.cookies].map(([name, value]) => ({ name, value, url: running.url }));
    await page.context().addCookies(cookies);
    mkdirSync(pictures, { recursive: true });
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await running?.close();
  }, 60_000);

  it('says what each way does, asks for a word about each step, and shows how it ended', async () => {
    const c = await running.rig.newCase(...inDoubt);
    await page.goto(`${running.url}/cases/${c.id}`);
    for (const way of ['Try again', 'It was done by hand', 'Close, nothing more is to be done'])
      await page.locator('summary', { hasText: way }).click();
    await page.screenshot({ path: `${pictures}/review.png`, fullPage: true });

    const byHand = page.locator('form', { hasText: 'What you did' });
    await byHand.getByRole('button').click();
    // The browser itself asks for what is missing, and nothing is sent.
    expect((await running.rig.caseNow(c)).seq).toBe(c.seq);
    await byHand.locator('input[name="step.proposed.dismissRisk"][value="done"]').check();
    await byHand.locator('input[name="step.proposed.enableAccount"][value="notDone"]').check();
    await byHand.locator('textarea').fill('Dismissed it in the admin centre after a call with her.');
    await byHand.getByRole('button').click();
    await page.getByText('Ended by Ada Approver').waitFor();
    await page.screenshot({ path: `${pictures}/review-ended.png`, fullPage: true });
    expect((await running.rig.caseNow(c)).review?.ended).toMatchObject({
      resolution: 'doneByHand',
      steps: [
        { slot: 'proposed', step: 'dismissRisk', done: true },
        { slot: 'proposed', step: 'enableAccount', done: false },
      ],
    });
  });

  it('fits a telephone', async () => {
    const c = await running.rig.newCase(...inDoubt);
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(`${running.url}/cases/${c.id}`);
    await page.locator('summary', { hasText: 'Try again' }).click();
    await page.screenshot({ path: `${pictures}/review-phone.png`, fullPage: true });
    const wider = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
    expect(wider).toBeLessThanOrEqual(0);
  });
});
