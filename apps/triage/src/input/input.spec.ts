import { untrusted } from '@sallyport/evidence';
import { known, managerId, sampleInstant, unknown } from '@sallyport/evidence/testing';
import Ajv from 'ajv';
import { answerJsonSchema } from '../advice/answer';
import { personalParts } from '../config';
import { injected, readInjections } from '../evaluate/injections';
import { corpusFile } from '../testing/corpus';
import { richEvidence } from '../testing/rich-evidence';
import { evidenceItems } from './evidence-items';
import { promptFor } from './prompt';
import { shownText } from './shown-text';

const base = richEvidence();
const ticket = base.ticket.state === 'known' ? base.ticket.value : null;
const personal = richEvidence({
  ticket: known({
    ...ticket!,
    shortDescription: untrusted('Risky user: SAM SUBJECT (sam@contoso.example) from 198.51.100.23'),
    description: untrusted(
      'Subject says: call Max Manager, mail jo@fabrikam.example, 2001:db8::7, 203.0.113.10.',
    ),
    journal: [
      {
        at: sampleInstant(0),
        kind: 'comments',
        author: untrusted('sam.subject'),
        text: untrusted('It was me, Sam!'),
      },
    ],
  }),
  manager: known({ id: managerId, displayName: untrusted('Max Manager'), accountEnabled: true }),
});
const asked = (...maySee: (typeof personalParts)[number][]) =>
  promptFor(evidenceItems(personal, maySee), ['release']).user;

it('tells a model no name and no address, in whichever text they stand', () => {
  for (const prompt of [asked(), asked('ticketText')]) {
    expect(prompt).not.toMatch(
      /sam\b|subject says|max\b|contoso|fabrikam|198\.51|203\.0|2001:db8|SAM-LAPTOP/i,
    );
  }
  expect(asked('ticketText')).toContain('the user (the user) from network-1');
  expect(asked('ticketText')).toContain('[address]');
});

it('tells no words of the ticket unless it may, and names and addresses where it may', () => {
  expect(asked()).not.toMatch(/It was me|Risky user/);
  expect(asked('ticketText')).toContain('It was me, the user!');
  const all = asked(...personalParts);
  for (const text of ['SAM SUBJECT', 'sam@contoso.example', '198.51.100.23', 'SAM-LAPTOP', '2001:db8::7'])
    expect(all).toContain(text);
});

it('finds names of two letters too, but not the words that are spelled like them', () => {
  const user = base.user.state === 'known' ? base.user.value : null;
  const short = richEvidence({
    user: known({
      ...user!,
      displayName: untrusted('Bo So'),
      userPrincipalName: untrusted('bo.so@contoso.de'),
    }),
    ticket: known({ ...ticket!, description: untrusted('Bo called, so did Mrs SO, from DE. 李明 did not.') }),
    manager: known({ id: managerId, displayName: untrusted('李明'), accountEnabled: true }),
  });
  expect(promptFor(evidenceItems(short, ['ticketText']), ['release']).user).toContain(
    'the user called, so did Mrs the user, from DE. the manager did not.',
  );
});

it('gives one network one pseudonym, so that two sign-ins can be compared', () => {
  const networks = evidenceItems(base, []).flatMap(({ id, fields }) =>
    'network' in fields ? [`${id} ${String(fields['network'])}`] : [],
  );
  expect(networks).toEqual(['detection-1 network-1', 'signIn-1 network-1', 'signIn-2 network-2']);
});

it('says of what is not known that it is not known', () => {
  const items = evidenceItems(richEvidence({ risk: unknown('forbidden') }), []);
  expect(items.find(({ id }) => id === 'unknown-risk')?.fields).toEqual({
    notKnown: 'risk',
    reason: 'forbidden',
  });
});

it.each([
  ['ｆｕｌｌ ﬁ', 'full fi'],
  ['a\u202eb\u0000c', 'a⟨U+202E⟩b⟨U+0000⟩c'],
  ['a\nb\r\u2028c', 'a b⟨U+000D⟩⟨U+2028⟩c'],
  ['\u{E0041}\u200b', '⟨U+E0041⟩⟨U+200B⟩'],
  ['a\u{E0100}\u{E01EF}\uFE00\uFE0F', 'a⟨U+E0100⟩⟨U+E01EF⟩⟨U+FE00⟩⟨U+FE0F⟩'],
  ['\u034F\u115F\u180B\u2800', '⟨U+034F⟩⟨U+115F⟩⟨U+180B⟩⟨U+2800⟩'],
  // NFKC makes one filler of the other.
  ['\u3164', '⟨U+1160⟩'],
  ['é 李 👍 ❤\uFE0F', 'é 李 👍 ❤\uFE0F'],
])('shows %j as %j', (text, shown) => {
  expect(shownText(text, 100)).toBe(shown);
});

it('cuts a text to its length, whatever it folds to, and never inside a character', () => {
  for (const unit of ['a', 'ﷺ', '\u202e', '👍', '\u0000']) {
    const shown = shownText(unit.repeat(5_000), 50);
    expect(shown.length).toBeLessThanOrEqual(50);
    expect(shown.endsWith('…')).toBe(true);
    expect(shown.isWellFormed()).toBe(true);
  }
});

describe('the corpus of injections', () => {
  const injections = readInjections(corpusFile);

  it('has at least 120 different texts, in every style for every channel that has room for it', () => {
    expect(new Set(injections.map(({ text }) => text)).size).toBeGreaterThanOrEqual(120);
    const styles = new Map<string, Set<string>>();
    for (const { style, channel } of injections)
      styles.set(style, (styles.get(style) ?? new Set()).add(channel));
    expect([...styles.values()].filter((channels) => channels.size === 5)).toHaveLength(8);
  });

  it('names for each text the publication that it follows, where there is one', () => {
    const sources = new Set(injections.map(({ source }) => source));
    for (const source of sources)
      if (source !== 'own')
        expect(source).toMatch(/^[A-Z].+: .+ \(20\d\d\), (?:arXiv:\d{4}\.\d{5}|https:\/\/\S+)$/);
    expect(sources.size).toBeGreaterThan(10);
    expect(injections.filter(({ source }) => source !== 'own').length).toBeGreaterThan(injections.length / 2);
  });

  it.each(injections)(
    '$style in $channel stays data, between our delimiters and marked: $text',
    (injection) => {
      const items = evidenceItems(injected(base, injection), [...personalParts]);
      const { system, user } = promptFor(items, ['release']);
      expect(system).toBe(promptFor(evidenceItems(base, []), ['release']).system);
      expect(user.match(/<\/?evidence>/g)).toEqual(['<evidence>', '</evidence>']);
      const document: unknown = JSON.parse(user.slice('<evidence>\n'.length, -'\n</evidence>'.length));
      const texts = stringsOf(document);
      const from = shownText(injection.text, 60).slice(0, 12);
      const carrying = texts.filter(([, text]) => text.includes(from));
      const shown = injection.channel !== 'displayName';
      expect(carrying.length > 0).toBe(shown);
      for (const [path] of carrying) expect(path).toMatch(/\/untrusted$/);
    },
  );

  it('moves no schema: the model can cite and rank the same, whatever the texts say', () => {
    const schemaOf = (evidence: typeof base) =>
      answerJsonSchema(evidenceItems(evidence, [...personalParts]), ['release']);
    for (const injection of injections.filter(({ channel }) => channel !== 'managerNote'))
      expect(schemaOf(injected(base, injection))).toEqual(schemaOf(base));
  });
});

it('asks within what strict structured outputs allow', () => {
  const schema = answerJsonSchema(evidenceItems(base, []), ['contain', 'release']);
  const allowed = /^(type|additionalProperties|required|properties|items|enum)$/;
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null || Array.isArray(node)) return;
    const isSchema = 'type' in node && typeof node.type === 'string';
    if (isSchema) for (const key of Object.keys(node)) expect(key).toMatch(allowed);
    if (isSchema && node.type === 'object' && 'properties' in node && 'required' in node) {
      expect(node).toMatchObject({ additionalProperties: false });
      expect(Object.keys(node.properties as object)).toEqual(node.required);
    }
    for (const member of Object.values(node)) walk(member);
  };
  walk(schema);
  expect(() => new Ajv({ strict: true }).compile(schema)).not.toThrow();
});

function stringsOf(value: unknown, path = ''): [string, string][] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => stringsOf(member, `${path}/${key}`));
}
