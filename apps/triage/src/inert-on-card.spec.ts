import { injected, readInjections } from './evaluate/injections';
import { beginningShown, cardWith, parrot } from './testing/cards';
import { corpusFile } from './testing/corpus';
import { richEvidence } from './testing/rich-evidence';

const injections = readInjections(corpusFile);
const plain = cardWith(richEvidence(), parrot('plain'));

/** Every string of a card with the path to it; texts of TextRuns are what a client shows as they are. */
function strings(value: unknown, path = ''): [string, string][] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value !== 'object' || value === null) return [];
  const type = 'type' in value ? `(${String(value.type)})` : '';
  return Object.entries(value).flatMap(([key, member]) => strings(member, `${path}${type}/${key}`));
}
const isShownText = (path: string) => path.endsWith('(TextRun)/text');
/** All of a card but its values: structure, buttons, our own words. */
const frame = (card: object) =>
  strings(card)
    .filter(([path]) => !isShownText(path))
    .map((entry) => entry.join('='));

const shownOf = (card: object) =>
  strings(card)
    .filter(([path]) => isShownText(path))
    .map(([, text]) => text)
    .join('\n');

it.each(injections)('$style from $channel changes nothing of a card but a plain text: $text', (injection) => {
  // The worst model repeats the text word for word, past any grounding.
  const repeated = cardWith(richEvidence(), parrot(injection.text));
  for (const card of [cardWith(injected(richEvidence(), injection), parrot('plain')), repeated]) {
    // The id of the card binds the evidence, and the evidence is another.
    const withoutIds = (texts: string[]) => texts.filter((text) => !/\/data\/d=/.test(text));
    expect(withoutIds(frame(card))).toEqual(withoutIds(frame(plain)));
    const shown = shownOf(card);
    expect(shown).not.toMatch(
      /[\u0000-\u0009\u200b-\u200f\u202a-\u202e\u2066-\u2069\u{e0000}-\u{e007f}]|:\/\//u,
    );
  }
  // Inert, and there: an approver sees what was tried.
  expect(shownOf(repeated)).toContain(beginningShown(injection.text));
});
