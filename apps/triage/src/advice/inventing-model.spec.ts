import fc from 'fast-check';
import type { Case } from '@sallyport/case';
import { caseIn } from '@sallyport/case/testing';
import { Advisor } from '../advisor';
import { evidenceItems } from '../input/evidence-items';
import { cardWith } from '../testing/cards';
import { richEvidence } from '../testing/rich-evidence';

const evidence = richEvidence();
const ids = evidenceItems(evidence, []).map(({ id }) => id);
const advising: Case = caseIn('advising');
const c = { ...advising, evidence };

/** Facts that are nowhere in the evidence. Each has the sentence it makes and the words by which a card would show it. */
const says = (text: string) => ({ text, mark: text.slice(0, -1) });
const invented = fc.oneof(
  fc
    .oneof(fc.integer({ min: 3, max: 30 }), fc.integer({ min: 1_000, max: 999_999 }))
    .map((n) => says(`There were ${n} failed sign-ins.`)),
  fc.integer({ min: 3, max: 28 }).map((n) => says(`It began on 2031-05-${n + 70}.`)),
  fc.integer({ min: 10, max: 59 }).map((n) => says(`The sign-in was at 23:${n} UTC.`)),
  fc
    .constantFrom(
      ...[
        'Brazil',
        'brazil',
        'Russia',
        'North Korea',
        'Türkiye',
        'Turkey',
        'Nigerian',
        'Viet Nam',
        'JP',
        'USA',
      ],
      ...['sweden', 'ivory coast', 'bosnia', 'united states', 'south korea', 'new zealand', 'reunion'],
    )
    .map((country) => says(`The sign-in came from ${country}.`)),
  fc
    .constantFrom(
      'swedish',
      'danish',
      'peruvian',
      'kenyan',
      'filipino',
      'saudi',
      'latvian',
      'irish',
      'Moroccan',
    )
    .map((demonym) => says(`The network is ${demonym}.`)),
  fc
    .constantFrom(
      'iPhone',
      'MacBook',
      'ubuntu',
      'YubiKey',
      'Pixel',
      'Firefox',
      'LAPTOP-QX',
      'DESKTOP',
      'ThinkPad',
    )
    .map((device) => says(`The user works on the ${device} device.`)),
  fc
    .constantFrom('Mallory', 'Contoso', 'Doha', 'Ann Smith', 'Lazarus', 'the CISO', 'VPN Nord')
    .map((name) => says(`The account was used by ${name}.`)),
  fc
    .tuple(
      fc.constantFrom('from', 'in', 'by', 'on', 'via', 'From', 'through'),
      fc.constantFrom('', 'the ', 'a known ', 'the same '),
      fc.constantFrom(
        'doha',
        'springfield',
        'mullvad',
        'comcast',
        'globex',
        'nordlayer',
        'lower saxony',
        'mallory',
      ),
    )
    .map(([preposition, before, name]) => says(`The session ran ${preposition} ${before}${name}.`)),
  fc
    .constantFrom('stockholm', 'mullvad', 'cloudflare', 'hetzner', 'okta', 'kyiv')
    .map((name) => says(`A ${name} address was used.`)),
  fc
    .constantFrom('seven', 'Two', 'hundreds of', 'dozen', 'zero', 'twenty-one')
    .map((count) => says(`The user failed ${count} times.`)),
  fc
    .constantFrom('once', 'twice', 'thrice', 'at the first attempt', 'at the fifth attempt', 'only one time')
    .map((count) => says(`The user failed MFA ${count}.`)),
  fc
    .constantFrom('Monday', 'yesterday', 'June', 'tonight', 'the last day')
    .map((day) => says(`The password was changed on ${day}.`)),
  fc
    .tuple(
      fc.constantFrom('The manager', 'An admin', 'Somebody', 'The user'),
      fc.constantFrom(
        'confirmed',
        'approved',
        'verified',
        'authorised',
        'dismissed',
        'vouched for',
        'phoned about',
        'did confirm',
      ),
    )
    .map(([who, act]) => says(`${who} ${act} the sign-in.`)),
  fc
    .constantFrom('approved', 'verified', 'confirmed', 'dismissed', 'authorized', 'called')
    .map((act) => says(`The sign-in was ${act} by the manager.`)),
);
/** Small numbers, citing rows alone: the number that a row has in our list is no count. */
const miscounted = fc.record({
  fact: fc.constantFrom(1, 2).map((n) => says(`The user failed MFA ${n} times.`)),
  cites: fc.subarray(
    ids.filter((id) => /-\d+$/.test(id)),
    { minLength: 1, maxLength: 4 },
  ),
});
const sentences = fc.array(
  fc.oneof(
    {
      weight: 9,
      arbitrary: fc.record({ fact: invented, cites: fc.subarray(ids, { minLength: 1, maxLength: 4 }) }),
    },
    { weight: 1, arbitrary: miscounted },
  ),
  { minLength: 1, maxLength: 8 },
);

it('no fact that a model invents reaches a card, whatever it cites for it', async () => {
  await fc.assert(
    fc.asyncProperty(sentences, sentences, fc.boolean(), async (statements, reasons, honest) => {
      const spoken = (those: typeof statements) =>
        those.map(({ fact, cites }) => ({ text: fact.text, cites }));
      const content = JSON.stringify({
        statements: [
          ...(honest ? [{ text: 'The risk is medium.', cites: ['risk'] }] : []),
          ...spoken(statements),
        ],
        ranking: ['release'],
        reasons: spoken(reasons),
        // A number that some item has may be asked about.
        openQuestions: statements
          .filter(({ fact }) => !/MFA \d/.test(fact.text))
          .map(({ fact }) => `Do you know that ${fact.text.slice(0, -1)}?`),
      });
      const model = {
        name: 'inventor',
        ask: () => Promise.resolve({ kind: 'answered', content, tokens: 1 } as const),
      };
      const triage = await new Advisor(model, []).advise(c);
      expect(triage.author.kind).toBe(honest ? 'model' : 'template');
      expect(triage.notes).toHaveLength(1);
      const card = JSON.stringify([cardWith(evidence, triage), triage]);
      for (const { fact } of [...statements, ...reasons]) expect(card).not.toContain(fact.mark);
    }),
    { numRuns: 150 },
  );
});
