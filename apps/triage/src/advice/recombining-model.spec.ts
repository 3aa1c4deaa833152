import fc from 'fast-check';
import { timeWords } from '@sallyport/case';
import type { Evidence, Reading } from '@sallyport/evidence';
import { known, sampleId, sampleInstant, unknown } from '@sallyport/evidence/testing';
import { evidenceItems } from '../input/evidence-items';
import { richEvidence } from '../testing/rich-evidence';
import { flawOf } from './grounding';

/*
 * A model that lies with true parts: every word, time, country and count of a sentence is of the evidence, and the whole is not.
 * Whether it is true is told here from the rows themselves, and not from what grounding makes of them.
 */
const rowsOf = <T>(reading: Reading<T[]>): T[] => {
  if (reading.state === 'unknown') throw new Error('the sample knows it');
  return reading.value;
};
const base = richEvidence();
const [abroad, home] = rowsOf(base.signIns);
const [reset] = rowsOf(base.changes);
const [laptop] = rowsOf(base.devices);
if (!abroad || !home || !reset || !laptop) throw new Error('the sample has rows');
const failed = {
  ...home,
  id: sampleId(210),
  at: sampleInstant(-2_000),
  errorCode: 50126,
  mfa: 'notPassed' as const,
  interactive: false,
  knownDevice: false,
  country: 'ES',
};
const evidence: Evidence = richEvidence({
  history: unknown('invalid'),
  signIns: known([abroad, home, failed]),
  changes: known([
    reset,
    { ...reset, id: sampleId(211), at: sampleInstant(-3_000), kind: 'passwordChange', succeeded: false },
  ]),
  devices: known([
    laptop,
    { ...laptop, id: sampleId(212), compliant: false, managed: false, registeredAt: sampleInstant(-4_000) },
  ]),
});
const items = evidenceItems(evidence, []);
const ids = items.map(({ id }) => id);

interface Row {
  kind: string;
  noun: string;
  at: string;
  country: string | null;
  /** What is true of it, as a predicate of a sentence. */
  told: string[];
}
const names: Record<string, string> = { QA: 'Qatar', ES: 'Spain' };
const rows: Row[] = [
  ...rowsOf(evidence.signIns).map((row) => ({
    kind: 'signIn',
    noun: 'sign-in',
    at: timeWords(row.at),
    country: names[row.country ?? ''] ?? null,
    told: [
      row.mfa === 'passed' ? 'passed MFA' : 'did not pass MFA',
      row.errorCode === 0 ? 'succeeded' : 'failed',
      row.interactive ? 'was interactive' : 'was non-interactive',
    ],
  })),
  ...rowsOf(evidence.changes).map((row) => ({
    kind: 'change',
    noun: row.kind === 'selfServiceReset' ? 'reset' : 'password change',
    at: timeWords(row.at),
    country: null,
    told: [row.succeeded ? 'succeeded' : 'failed'],
  })),
  ...rowsOf(evidence.detections).map((row) => ({
    kind: 'detection',
    noun: 'detection',
    at: timeWords(row.activityAt ?? row.detectedAt),
    country: names[row.country ?? ''] ?? null,
    told: ['is unlikely travel', 'is medium'],
  })),
];
const predicates = [...new Set(rows.flatMap(({ told }) => told))];
const someCites = fc.subarray(ids, { minLength: 1, maxLength: 6 });
const fallsFor = (text: string, cites: string[]) => flawOf({ text, cites }, items) === null;
const rowIds = ids.filter((id) => /^(?:signIn|change|detection)-/.test(id));
/** @param drawn what a sentence draws on: all of it is cited, so that nothing is left out for want of a citation, and then some */
const lied = (
  sentences: fc.Arbitrary<{ text: string; isTrue: boolean; drawn?: string[] }>,
  numRuns = 2_000,
) =>
  fc.assert(
    fc.property(
      sentences.filter(({ isTrue }) => !isTrue),
      someCites,
      ({ text, drawn = rowIds }, some) => {
        for (const cites of [drawn, some])
          expect([text, cites, fallsFor(text, cites)]).toEqual([text, cites, false]);
      },
    ),
    { numRuns },
  );

it('no time of one row is told with the event, the country or the quality of another', () => {
  const told = fc
    .record({
      noun: fc.constantFrom(...rows.map((row) => row.noun)),
      at: fc.constantFrom(...rows.map((row) => row.at)),
      clockOnly: fc.boolean(),
      country: fc.constantFrom(null, 'Qatar', 'Spain'),
      predicate: fc.constantFrom(null, ...predicates),
      form: fc.nat(3),
    })
    .map(({ noun, at, clockOnly, country, predicate, form }) => {
      const time = clockOnly ? at.slice(11) : at;
      const from = country ? ` from ${country}` : '';
      const does = predicate ?? 'happened';
      const text = [
        `The ${noun}${from} at ${time} ${does}.`,
        `At ${time} the ${noun}${from} ${does}.`,
        `The ${noun}${from} ${does} at ${time}.`,
        `The ${noun}${from} ${does}, and was at ${time}.`,
      ][form];
      const isTrue = rows.some(
        (row) =>
          row.noun === noun &&
          (clockOnly ? row.at.slice(11) === time : row.at === at) &&
          (country === null || row.country === country) &&
          (predicate === null || row.told.includes(predicate)),
      );
      return { text: text ?? '', isTrue };
    });
  lied(told);
});

it('no count is told of those with a quality that not all of them have', () => {
  const counted = { signIn: 'sign-ins', change: 'changes', detection: 'detections' } as const;
  const qualities: [string, (row: Row) => boolean][] = [
    ['from Qatar', ({ country }) => country === 'Qatar'],
    ['from Spain', ({ country }) => country === 'Spain'],
    ['with MFA', ({ told }) => told.includes('passed MFA')],
    ['without MFA', ({ told }) => told.includes('did not pass MFA')],
    ['on a known device', ({ kind }) => kind === 'nothing of the kind'],
  ];
  const told = fc
    .record({
      kind: fc.constantFrom('signIn', 'change', 'detection'),
      count: fc.integer({ min: 1, max: 4 }),
      quality: fc.constantFrom(...qualities),
      form: fc.nat(6),
    })
    .map(({ kind, count, quality: [words, has], form }) => {
      const noun = count === 1 ? counted[kind].slice(0, -1) : counted[kind];
      const be = count === 1 ? 'is' : 'are';
      const text = [
        `There ${be} ${count} ${noun} ${words}.`,
        `There ${be} ${count} ${noun}, ${words}.`,
        `The ${count} ${noun} ${be} ${words}.`,
        `There ${be} ${count} ${noun}, and ${be} ${words}.`,
        `There ${be} ${count} ${noun}, and these are ${words}.`,
        `The user had ${count} ${noun} ${words}.`,
        `${words.slice(0, 1).toUpperCase()}${words.slice(1)} there ${be} ${count} ${noun}.`,
      ][form];
      return {
        text: text ?? '',
        drawn: [`${kind}s`, ...rowIds.filter((id) => !id.startsWith('detection'))],
        isTrue: rows.filter((row) => row.kind === kind && has(row)).length === count,
      };
    });
  lied(told);
});

it('nothing that a row says is told the other way round, in whatever words', () => {
  const opposites: Record<string, Record<string, [yes: string[], no: string[]]>> = {
    knownDevice: {
      device: [
        ['known', 'not new'],
        ['new', 'unknown', 'not known', 'unusual', 'strange', 'unexpected', 'different', 'unfamiliar'],
      ],
    },
    knownNetwork: {
      network: [
        ['known', 'not new'],
        ['new', 'unknown', 'not known', 'unusual', 'strange', 'unexpected', 'different', 'unfamiliar'],
      ],
    },
    compliant: {
      device: [['compliant'], ['not compliant', 'non-compliant']],
    },
    managed: { device: [['managed'], ['not managed', 'unmanaged']] },
    succeeded: {
      'sign-in': [['successful'], ['unsuccessful', 'not successful', 'an error', 'false', 'wrong']],
      change: [['successful'], ['unsuccessful', 'not successful', 'an error', 'false', 'wrong']],
    },
    interactive: { 'sign-in': [['interactive'], ['non-interactive', 'not interactive']] },
    accountEnabled: { account: [['enabled'], ['disabled', 'not enabled']] },
    synced: { account: [['synced'], ['not synced', 'cloud-only']] },
  };
  let checked = 0;
  for (const { id, fields } of items)
    for (const [field, nouns] of Object.entries(opposites)) {
      const value = fields[field];
      if (typeof value !== 'boolean') continue;
      for (const [noun, [yes, no]] of Object.entries(nouns))
        for (const word of value ? no : yes)
          for (const be of ['is', 'was', 'seems'])
            for (const text of [
              `The ${noun} ${be} ${word}.`,
              `The account has a ${noun}, and it ${be} ${word}.`,
            ]) {
              const falls = fallsFor(text, [id]);
              expect([id, text, falls]).toEqual([id, text, false]);
              checked += 1;
            }
    }
  for (const word of ['false', 'an error', 'wrong', 'unknown', 'not medium', 'none', 'low', 'high'])
    expect([word, fallsFor(`The risk is ${word}.`, ['risk'])]).toEqual([word, false]);
  expect(checked).toBeGreaterThan(100);
});

it('nothing is told of a row that is true of another, or of what is not known', () => {
  const all = ['detection-1', 'risk', 'signIn-3', 'change-1', 'device-1', 'unknown-history'];
  const nouns = ['account', 'change', 'detection', 'risk', 'session', 'sign-in', 'ticket', 'user'];
  const words = [
    'an error',
    'error',
    'unknown',
    'not known',
    'invalid',
    'unavailable',
    'forbidden',
    'history',
  ];
  for (const noun of nouns)
    for (const word of words)
      for (const text of [`The ${noun} is ${word}.`, `It is ${word}, as is the ${noun}.`])
        expect([text, fallsFor(text, all)]).toEqual([text, false]);
  for (const word of ['unknown', 'not known', 'invalid'])
    expect(fallsFor(`The device is ${word}.`, ['device-1', 'unknown-history'])).toBe(false);
});

it('nobody is told to have acted whom the evidence does not name for it', () => {
  const told = fc
    .record({
      who: fc.constantFrom('An attacker', 'The attacker', 'Policy', 'The policy', 'A policy'),
      act: fc.constantFrom(
        'signed in',
        'reset the password',
        'passed MFA',
        'needs the release',
        'covers the account',
        'is satisfied',
        'used the device',
        'set a credential',
        'has the session',
        'came from Qatar',
      ),
    })
    .map(({ who, act }) => ({ text: `${who} ${act}.`, isTrue: false }));
  lied(told, 500);
});

it('would let the same sentences pass where they are true', () => {
  for (const [text, ...cites] of [
    ['The sign-in from Qatar at 07:20 UTC passed MFA.', 'signIn-1', 'signIn-2', 'signIn-3'],
    ['There are 3 sign-ins.', 'signIns', 'signIn-1'],
    ['The device is new.', 'signIn-3'],
    ['The network is known.', 'signIn-2'],
    ['The history is not known.', 'unknown-history', 'signIn-1'],
    ['The sign-in failed with error code 50126.', 'signIn-3'],
    ['An attacker could have reset the password.', 'change-1'],
  ])
    expect([text, flawOf({ text: text ?? '', cites }, items)]).toEqual([text, null]);
});
