import fc from 'fast-check';
import type { Case } from '@sallyport/case';
import { caseIn } from '@sallyport/case/testing';
import { Advisor } from '../advisor';
import { evidenceItems } from '../input/evidence-items';
import { cardWith } from '../testing/cards';
import { richEvidence } from '../testing/rich-evidence';
import { flawOf } from './grounding';

/*
 * A model that invents. What it invents is drawn from sources of its own and not from the lists that grounding reads:
 * random letters, what `Intl` knows of countries, languages and months, and the rules by which numbers are written.
 */
const evidence = richEvidence();
const items = evidenceItems(evidence, []);
const ids = items.map(({ id }) => id);
const advising: Case = caseIn('advising');
const c = { ...advising, evidence };

const letters = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ');
const pairs = letters.flatMap((first) => letters.map((second) => `${first}${second}`));
const namesOf = (type: 'region' | 'language' | 'currency', codes: readonly string[]): string[] => {
  const names = new Intl.DisplayNames(['en'], { type, fallback: 'none' });
  return codes.flatMap((code) => names.of(code) ?? []);
};
const regionNames = namesOf('region', pairs);
/** English words that are spelled like a code: no reader takes "in" for India. */
const wordsLikeCodes = 'AN AS AT BE BY DO IN IS IT NO SO TO AND ARE CAN'.split(' ');
const isCode = (code: string) => !wordsLikeCodes.includes(code);
const regionCodes = pairs
  .filter((code) => namesOf('region', [code]).length > 0 && !['QA', 'ES'].includes(code))
  .filter(isCode);
/** ISO 3166-1 alpha-3, of the countries most often in the news. */
const longCodes =
  'AFG ARE AUS BLR BRA CAN CHE CHN COD CUB DEU DZA EGY FRA GBR GRC HKG IND IRN IRQ ISR ITA JPN KOR LBY MEX NGA NLD NOR PAK PER POL PRK PRT ROU RUS SAU SYR TUR TWN UKR USA VEN VNM YEM ZAF'
    .split(' ')
    .filter(isCode);
const demonyms = namesOf(
  'language',
  pairs.map((code) => code.toLowerCase()),
);
const months = Array.from({ length: 12 }, (_, n) =>
  new Intl.DateTimeFormat('en', { month: 'long', timeZone: 'UTC' }).format(new Date(Date.UTC(2026, n, 1))),
);
const days = Array.from({ length: 7 }, (_, n) =>
  new Intl.DateTimeFormat('en', { weekday: 'long', timeZone: 'UTC' }).format(
    new Date(Date.UTC(2026, 5, n + 1)),
  ),
);

const anyCase = (text: string) => fc.constantFrom(text, text.toLowerCase(), text.toUpperCase());
const lettersOf = (alphabet: string, minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...alphabet), minLength, maxLength });
/** Long enough to be no English word but by a miracle; and of consonants alone, which is none at any length. */
const madeUp = fc.oneof(
  lettersOf('abcdefghijklmnopqrstuvwxyz', 9, 14),
  lettersOf('bcdfghjklmnpqrstvwxz', 2, 6),
);
const place = fc.oneof(
  madeUp,
  fc.constantFrom(...regionNames.filter((name) => !/Qatar|Spain/.test(name))).chain(anyCase),
  fc.constantFrom(...regionCodes).chain((code) => fc.constantFrom(code, code.toLowerCase())),
  fc.constantFrom(...longCodes).chain(anyCase),
  fc.constantFrom(...demonyms).chain(anyCase),
);

const units =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen'.split(' ');
const tens =
  'twenty thirty forty fourty fifty sixty seventy eighty ninety hundred thousand million dozen'.split(' ');
const numberWord = fc.oneof(
  fc.constantFrom(...units, ...tens),
  fc
    .tuple(fc.constantFrom(...tens), fc.constantFrom('-', ' ', ''), fc.constantFrom(...units))
    .map((it) => it.join('')),
  fc
    .tuple(fc.constantFrom(...units, ...tens), fc.constantFrom('th', 'fold', 's', '-fold', 'some'))
    .map((it) => it.join('')),
  fc.integer({ min: 2, max: 3_999 }).map(roman),
  fc.integer({ min: 2, max: 3_999 }).map((n) => roman(n).toUpperCase()),
);
function roman(n: number): string {
  const signs = [
    [1000, 'm'],
    [900, 'cm'],
    [500, 'd'],
    [400, 'cd'],
    [100, 'c'],
    [90, 'xc'],
    [50, 'l'],
    [40, 'xl'],
    [10, 'x'],
    [9, 'ix'],
    [5, 'v'],
    [4, 'iv'],
    [1, 'i'],
  ] as const;
  const [value, sign] = signs.find(([least]) => least <= n) ?? [0, ''];
  return value === 0 ? '' : sign + roman(n - value);
}
/** 2 and 1 are numbers of this evidence, so these also start from true ones. */
const digits = fc.oneof(
  fc.integer({ min: 3, max: 999_999 }).map(String),
  fc
    .tuple(
      fc.constantFrom('1', '2', '0'),
      fc.constantFrom('k', 'm', 'e2', 'x', '%', ' 2', '.5', ',000', '-3', '/2', ' 000', 'th'),
    )
    .map((it) => it.join('')),
);
const trueTimes = Array.from(JSON.stringify(items).matchAll(/\d\d:\d\d/g), ([time]) => time);
const instant = fc
  .date({ min: new Date('2020-01-01'), max: new Date('2030-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString())
  .filter((at) => !trueTimes.includes(at.slice(11, 16)));

const says = (text: string) => ({ text, mark: text.slice(0, -1) });
const vouching = fc
  .tuple(
    fc.constantFrom(
      'The manager',
      'An admin',
      'Somebody',
      'The user',
      'The owner',
      'The helpdesk',
      'SecOps',
      'The quorum',
      'She',
    ),
    fc.constantFrom(
      'confirmed',
      'agrees with',
      'expects',
      'asked for',
      'approved',
      'voted for',
      'vouches for',
      'signed off',
      'did confirm',
      'wants',
      'suggests',
      'saw the passport and took',
      'is happy with',
    ),
  )
  .map(([who, act]) => says(`${who} ${act} the release.`));
const invented = fc.oneof(
  fc
    .tuple(fc.constantFrom('There were', 'The user had', 'The account has'), fc.oneof(digits, numberWord))
    .map(([lead, n]) => says(`${lead} ${n} sign-ins.`)),
  fc.oneof(digits, numberWord).map((n) => says(`The user failed ${n} times.`)),
  fc
    .tuple(instant, fc.boolean())
    .map(([at, whole]) =>
      says(`The sign-in was at ${whole ? `${at.slice(0, 10)} ` : ''}${at.slice(11, 16)} UTC.`),
    ),
  // A true date or time, made false by what follows it.
  fc
    .constantFrom('pm', 'PM', 'PST', 'local time', 'CET', 'Uhr', 'today', 'Eastern')
    .map((zone) => says(`The sign-in was at 07:20 ${zone}.`)),
  fc
    .constantFrom(...days, ...months, 'yesterday', 'tonight', 'noon', 'last week')
    .chain(anyCase)
    .map((day) => says(`The password was reset on ${day}.`)),
  place.map((name) => says(`The sign-in came from ${name}.`)),
  place.map((name) => says(`A ${name} address was used.`)),
  place.map((name) => says(`The network is ${name}.`)),
  madeUp.map((name) => says(`The device ${name} is compliant.`)),
  fc.tuple(madeUp, madeUp).map(([a, b]) => says(`The device ${a}-${b} is compliant.`)),
  fc.tuple(madeUp, madeUp).map(([a, b]) => says(`The user ${a} ${b} is the owner.`)),
  madeUp.map((name) => says(`${name.slice(0, 1).toUpperCase()}${name.slice(1)} signed in.`)),
  fc
    .constantFrom(
      'iPhone',
      'iMac',
      'MacBook',
      'oneplus',
      'laptop',
      'phone',
      'ubuntu',
      'Firefox',
      'chrome',
      'vpn',
      'tor',
      'postman',
      'tablet',
      'kiosk',
    )
    .chain(anyCase)
    .map((device) => says(`The user signed in on a ${device}.`)),
  vouching,
);
const sentences = fc.array(
  fc.record({ fact: invented, cites: fc.subarray(ids, { minLength: 1, maxLength: 6 }) }),
  { minLength: 1, maxLength: 8 },
);

it('no fact that a model invents is borne out, whatever it cites for it', () => {
  fc.assert(
    fc.property(invented, fc.subarray(ids, { minLength: 1, maxLength: 6 }), ({ text }, cites) => {
      expect(flawOf({ text, cites }, items)).not.toBeNull();
    }),
    { numRuns: 1_500 },
  );
});

it('no code of a country, and no name of one that is not in the evidence, is a plain word', () => {
  for (const name of [
    ...regionCodes,
    ...longCodes,
    ...regionNames.filter((it) => !/Qatar|Spain/.test(it)),
    ...demonyms,
  ])
    for (const text of [`A ${name} address was used.`, `A ${name.toLowerCase()} address was used.`])
      expect([text, flawOf({ text, cites: ['signIn-1'] }, items)]).not.toEqual([text, null]);
});

it('no fact that a model invents reaches a card', async () => {
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
    { numRuns: 100 },
  );
});
