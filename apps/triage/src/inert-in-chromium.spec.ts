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

  it('every injected text is text: no element, no button of its own, no Markdown, no request', async () => {
    const plain = await drawn(page, cardWith(richEvidence(), parrot('plain')));
    expect(plain.buttons).toEqual(expect.arrayContaining(['Approve', 'Deny']));
    for (const injection of readInjections(corpusFile)) {
      const repeated = await drawn(page, cardWith(richEvidence(), parrot(injection.text)));
      for (const shown of [
        await drawn(page, cardWith(injected(richEvidence(), injection), parrot('plain'))),
        repeated,
      ]) {
        expect([injection.text, shown.active, shown.buttons]).toEqual([injection.text, [], plain.buttons]);
        // Whatever a client may make of Markdown: it is asked about our own words alone.
        expect([injection.text, shown.markdown]).toEqual([injection.text, plain.markdown]);
        expect([injection.text, shown.skeleton]).toEqual([injection.text, plain.skeleton]);
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
    const { active, markdown, skeleton } = await drawn(page, card);
    expect([active, markdown]).toEqual([['A'], [card.body[0]?.text]]);
    expect(skeleton).toMatch(/<a href/);
  });
});

/** A browser folds spaces and breaks lines. */
const bare = (text: string) => text.replace(/\s+/g, '');

interface Drawn {
  text: string;
  active: string[];
  buttons: string[];
  /** Every text that the renderer takes for Markdown. */
  markdown: string[];
  /** All elements with their attributes, without texts and ids. */
  skeleton: string;
}

/**
 * Runs in the browser. Markdown is taken for HTML as it stands, which is worse than what any client does with it: a text
 * from outside that reached a Markdown-bearing element would be alive.
 */
const drawing = `
  let markdown = [];
  AdaptiveCards.AdaptiveCard.onProcessMarkdown = (text, result) => {
    markdown.push(text);
    result.outputHtml = text;
    result.didProcess = true;
  };
  const skeletonOf = (element) => {
    const own = Array.from(element.attributes)
      .filter(({ name }) => !['id', 'for', 'aria-labelledby'].includes(name))
      .map(({ name, value }) => ' ' + name + '=' + value);
    return '<' + element.localName + own.join('') + '>' + Array.from(element.children, skeletonOf).join('') + '</>';
  };
  window.draw = (json) => {
    markdown = [];
    const card = new AdaptiveCards.AdaptiveCard();
    card.parse(JSON.parse(json));
    const main = document.querySelector('main');
    main.replaceChildren(card.render());
    const all = (selector) => Array.from(main.querySelectorAll(selector));
    return {
      text: main.textContent,
      active: all('a, img, script, iframe, object, embed, form, svg, video, audio, [onclick], [onerror], [href], [src]').map((it) => it.tagName),
      buttons: all('button').map((it) => it.textContent),
      markdown,
      skeleton: Array.from(main.children, skeletonOf).join(''),
    };
  };
`;

async function drawn(page: Page, card: object): Promise<Drawn> {
  return page.evaluate<Drawn>(`draw(${JSON.stringify(JSON.stringify(card))})`);
}
