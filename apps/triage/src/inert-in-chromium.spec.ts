/** The cards as a browser draws them, with the renderer that Microsoft publishes. Needs a Chromium; skipped without. */
import { type Browser, chromium, type Page } from 'playwright-core';
import { testChromium } from '../../../tools/test-backends';
import { injected, readInjections } from './evaluate/injections';
import { beginningShown, cardWith, parrot } from './testing/cards';
import { corpusFile } from './testing/corpus';
import { richEvidence } from './testing/rich-evidence';

const executablePath = testChromium();

(executablePath ? describe : describe.skip)('in Chromium', () => {
  let browser: Browser;
  let page: Page;
  const asked: string[] = [];

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox'] });
    page = await browser.newPage();
    page.on('request', (request) => asked.push(request.url()));
    page.on('dialog', (dialog) => {
      asked.push(`dialog ${dialog.message()}`);
      void dialog.dismiss();
    });
    await page.setContent('<!doctype html><main></main>');
    await page.addScriptTag({ path: require.resolve('adaptivecards/dist/adaptivecards.min.js') });
    await page.addScriptTag({ content: drawing });
  }, 120_000);
  afterAll(() => browser?.close());

  it('every injected text is text: no link, no picture, no script, no button of its own, no request', async () => {
    const plain = await drawn(page, cardWith(richEvidence(), parrot('plain')));
    expect(plain.buttons).toEqual(expect.arrayContaining(['Approve', 'Deny']));
    for (const injection of readInjections(corpusFile)) {
      const repeated = await drawn(page, cardWith(richEvidence(), parrot(injection.text)));
      for (const shown of [
        await drawn(page, cardWith(injected(richEvidence(), injection), parrot('plain'))),
        repeated,
      ]) {
        expect([injection.text, shown.active, shown.buttons]).toEqual([injection.text, [], plain.buttons]);
      }
      expect(bare(repeated.text)).toContain(bare(beginningShown(injection.text)));
    }
    expect(asked).toEqual([]);
  }, 240_000);

  it('would find what is active', async () => {
    const card = {
      type: 'AdaptiveCard',
      version: '1.5',
      body: [{ type: 'TextBlock', text: '<a href="https://attacker.example">x</a>' }],
    };
    expect((await drawn(page, card)).active).toEqual(['A']);
  });
});

/** A browser folds spaces and breaks lines. */
const bare = (text: string) => text.replace(/\s+/g, '');

interface Drawn {
  text: string;
  active: string[];
  buttons: string[];
}

/**
 * Runs in the browser. Markdown is taken for HTML as it stands, which is worse than what any client does with it: a text
 * from outside that reached a Markdown-bearing element would be alive.
 */
const drawing = `
  AdaptiveCards.AdaptiveCard.onProcessMarkdown = (text, result) => {
    result.outputHtml = text;
    result.didProcess = true;
  };
  window.draw = (json) => {
    const card = new AdaptiveCards.AdaptiveCard();
    card.parse(JSON.parse(json));
    const main = document.querySelector('main');
    main.replaceChildren(card.render());
    const all = (selector) => Array.from(main.querySelectorAll(selector));
    return {
      text: main.textContent,
      active: all('a, img, script, iframe, object, embed, form, svg, video, audio, [onclick], [onerror], [href], [src]').map((it) => it.tagName),
      buttons: all('button').map((it) => it.textContent),
    };
  };
`;

async function drawn(page: Page, card: object): Promise<Drawn> {
  return page.evaluate<Drawn>(`draw(${JSON.stringify(JSON.stringify(card))})`);
}
