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

/** Facts that are nowhere in the evidence, each with the word by which it would be recognised on a card. */
const invented = fc.oneof(
  fc
    .integer({ min: 1_000, max: 999_999 })
    .map((n) => ({ text: `There were ${n} failed sign-ins.`, mark: String(n) })),
  fc.integer({ min: 3, max: 28 }).map((n) => ({ text: `It began on 2031-05-${n + 70}.`, mark: '2031-05' })),
  fc.integer({ min: 10, max: 59 }).map((n) => ({ text: `The sign-in was at 23:${n} UTC.`, mark: `23:${n}` })),
  fc
    .constantFrom(
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
    )
    .map((country) => ({ text: `The sign-in came from ${country}.`, mark: country })),
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
    .map((device) => ({ text: `The user works on the ${device} device.`, mark: device })),
  fc
    .constantFrom('Mallory', 'Contoso', 'Doha', 'Ann Smith', 'Lazarus', 'the CISO', 'VPN Nord')
    .map((name) => ({ text: `The account was used by ${name}.`, mark: name.replace('the ', '') })),
  fc
    .constantFrom('seven', 'Two', 'hundreds', 'twice', 'dozen')
    .map((count) => ({ text: `The user failed ${count} times.`, mark: ` ${count} times` })),
  fc
    .constantFrom('Monday', 'yesterday', 'June', 'tonight')
    .map((day) => ({ text: `The password was changed on ${day}.`, mark: day })),
);
const sentences = fc.array(
  fc.record({ fact: invented, cites: fc.subarray(ids, { minLength: 1, maxLength: 4 }) }),
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
        openQuestions: statements.map(({ fact }) => `Do you know that ${fact.text.slice(0, -1)}?`),
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
