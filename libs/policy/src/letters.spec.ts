import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { authorized } from './authorizer';
import * as b from './evidence.builder';
import { factDocs, type FactName, factNames, type Facts, knownFactOf } from './fact-docs';
import { valuesOf as spaceValues } from './fact-space';
import { factsFrom } from './facts';
import { lettersOf } from './letters';
import { loadPack } from './pack';
import { rulingsFor } from './rulings';

const schema = {
  path: 'shared/schema.cedarschema',
  text: readFileSync(join(__dirname, '../../../policies/shared/schema.cedarschema'), 'utf8'),
};
const packOf = (conditions: readonly string[]) =>
  loadPack({
    name: 'letters',
    files: [
      {
        path: 'letters/r.cedar',
        text: conditions
          .map(
            (when, at) =>
              `@id("r-${at}")\n@reason("x")\nforbid (principal, action == Sallyport::Action::"release", resource) when { ${when} };`,
          )
          .join('\n'),
      },
    ],
    schema,
  });
const someFacts = factsFrom(b.evidence(), b.now);
const firedIn = (facts: Facts, pack: ReturnType<typeof packOf>) => {
  const { rulings, errors } = rulingsFor(facts, pack);
  expect(errors).toEqual([]);
  return rulings.release.rules.map(({ id }) => id);
};

const valuesOf = (name: FactName) => spaceValues(name, []);
const finite = factNames.filter((name) => factDocs[name].type !== 'Long');

test('no two values have the same letters, whichever facts they belong to', () => {
  const one = finite.flatMap((name) =>
    valuesOf(name).map((value) => lettersOf({ ...someFacts, [name]: value })),
  );
  const changed = finite.flatMap((name) => valuesOf(name).filter((value) => someFacts[name] !== value));
  expect(new Set(one).size).toBe(changed.length + 1);
  expect(new Set(one.flatMap((text) => [...text])).size).toBe(one.length);
});

test('a value that no fact has is refused, not left out', () => {
  expect(() => lettersOf({ ...someFacts, isVip: 'maybe' as 'yes' })).toThrow(RangeError);
});

/** Every form that asks by letter, and forms around it that must go on asking the fact. */
const formsOf = (name: FactName): string[] => {
  const fact = `context.facts.${name}`;
  if (factDocs[name].type === 'Bool')
    return [
      fact,
      `!${fact}`,
      `${fact} == true`,
      `false != ${fact}`,
      `if ${fact} then false else true`,
      `[true].contains(${fact})`,
    ];
  const values = valuesOf(name).map((value) => JSON.stringify(value));
  return [
    ...values.flatMap((value) => [`${fact} == ${value}`, `${value} != ${fact}`, `[${fact}] == [${value}]`]),
    ...values.map((_value, at) => `[${values.slice(at).join(', ')}].contains(${fact})`),
    `[${values[0]}, context.facts.isVip].contains(${fact})`,
    `${fact} == context.facts.isVip`,
    `[${fact}].contains(${values[0]})`,
    `[${fact}].containsAny([${values.join(', ')}])`,
    `${fact} like "*o*"`,
  ];
};

test.each(finite)(
  '%s is for the rules the same by letter as by name, for each value and each form',
  (name) => {
    const pack = packOf(formsOf(name));
    for (const value of valuesOf(name)) {
      const facts: Facts = { ...someFacts, [name]: value };
      const answer = authorized('release', facts, pack);
      if (answer.type === 'failure') throw new Error(JSON.stringify(answer.errors));
      expect(answer.response.diagnostics.errors).toEqual([]);
      expect(firedIn(facts, pack)).toEqual([...answer.response.diagnostics.reason].sort());
    }
  },
);

/*
 * Expressions of every form that Cedar has, one in the other, each of the type that strict validation asks for. What they
 * hold besides facts is made to look like what the rewriting looks for.
 */
const named = (type: string) => factNames.filter((name) => factDocs[name].type === type);
const fact = (name: FactName) => `context.facts.${name}`;
const quoted = (text: string) => JSON.stringify(text);
const someText = fc.constantFrom('', '*', 'yes', 'no', 'context', 'letters', ...lettersOf(someFacts));
const attribute = fc.constantFrom('==', '.', 'contains', 'left', 'right', 'Value', 'Var', 'Set', 'a b');
const compared = fc.constantFrom('==', '!=');
const nested = { maxDepth: 3, depthIdentifier: 'expression' };
const typed = fc.letrec<Record<'bool' | 'text' | 'number' | 'texts' | 'direct', string>>((tie) => {
  const [bool, text, number, texts] = [tie('bool'), tie('text'), tie('number'), tie('texts')];
  const record = fc
    .record({ at: attribute, bool, text, texts })
    .map(
      ({ at, ...of }) =>
        ({ at: quoted(at), of: `{${quoted(at)}: {x: ${of.bool}}, y: ${of.text}, z: ${of.texts}}` }) as const,
    );
  const choice = (of: fc.Arbitrary<string>) =>
    fc.tuple(bool, of, of).map(([asked, yes, no]) => `(if ${asked} then ${yes} else ${no})`);
  return {
    direct: fc
      .constantFrom(...finite)
      .chain((name) => fc.constantFrom(...formsOf(name)).map((form) => `(${form})`)),
    bool: fc.oneof(
      nested,
      tie('direct'),
      fc.constantFrom('true', 'false', ...named('Bool').map(fact)),
      fc.tuple(bool, fc.constantFrom('&&', '||', '==', '!='), bool).map((parts) => `(${parts.join(' ')})`),
      bool.map((of) => `!(${of})`),
      choice(bool),
      // A fact compared with a text that it never is would be refused, so such texts are compared within a choice.
      fc.tuple(choice(text), compared, choice(text)).map((parts) => `(${parts.join(' ')})`),
      fc.tuple(text, someText).map(([of, pattern]) => `(${of} like ${quoted(`*${pattern}*`)})`),
      fc
        .tuple(number, fc.constantFrom('<', '<=', '>', '>=', '==', '!='), number)
        .map((parts) => `(${parts.join(' ')})`),
      fc.tuple(texts, choice(text)).map(([of, one]) => `${of}.contains(${one})`),
      fc
        .tuple(texts, fc.constantFrom('containsAll', 'containsAny'), texts)
        .map(([a, how, b]) => `${a}.${how}(${b})`),
      fc.tuple(texts, compared, texts).map((parts) => `(${parts.join(' ')})`),
      texts.map((of) => `${of}.isEmpty()`),
      fc.tuple(bool, bool, bool).map(([a, b, c]) => `[${a}, ${b}].contains(${c})`),
      record.map(({ at, of }) => `${of}[${at}].x`),
      fc.tuple(record, attribute).map(([{ of }, at]) => `(${of} has ${quoted(at)})`),
      record.map(({ of }) => `(${of} == ${of})`),
      fc.constantFrom(...factNames).map((name) => `(context.facts has ${name})`),
      fc.constant('(context.facts == context.facts)'),
      number.map((of) => `decimal("1.5").lessThan(if ${of} > 3 then decimal("2.0") else decimal("1.0"))`),
      choice(fc.constantFrom('ip("10.0.0.1")', 'ip("::1")')).map((of) => `${of}.isInRange(ip("10.0.0.0/8"))`),
      choice(fc.constantFrom('duration("1h")', 'duration("-2h")')).map(
        (of) => `(datetime("2026-01-01").offset(${of}) > datetime("2026-01-01"))`,
      ),
    ),
    text: fc.oneof(
      nested,
      fc.constantFrom(...named('String').map(fact)),
      someText.map(quoted),
      choice(text),
      record.map(({ of }) => `${of}.y`),
    ),
    number: fc.oneof(
      nested,
      fc.integer({ min: -2, max: 100 }).map((value) => `(${value})`),
      // Without its guard the number would be refused.
      fc
        .constantFrom(...named('Long'))
        .map((name) => `(if ${fact(knownFactOf(name)!)} then ${fact(name)} else 0)`),
      fc.tuple(number, fc.constantFrom('+', '-'), number).map((parts) => `(${parts.join(' ')})`),
      fc.tuple(number, fc.integer({ min: -3, max: 3 })).map(([of, times]) => `(${of} * (${times}))`),
    ),
    texts: fc.oneof(
      nested,
      fc.array(choice(text), { minLength: 1, maxLength: 3 }).map((of) => `[${of.join(', ')}]`),
      record.map(({ of }) => `${of}.z`),
    ),
  };
});
/** Within what a rule may be long. */
const short = typed.bool.filter((text) => text.length < 1_500);
const anyFacts: fc.Arbitrary<Facts> = fc
  .tuple(
    ...factNames.map((name) =>
      factDocs[name].type === 'Long'
        ? fc.constantFrom(-1, 0, 3, 24, 100)
        : fc.constantFrom(...valuesOf(name)),
    ),
  )
  .map((values) => Object.fromEntries(factNames.map((name, at) => [name, values[at]])) as Facts);

test('no condition that is accepted means something else by letter, in whatever form it is written', () => {
  fc.assert(
    fc.property(
      fc.array(short, { minLength: 5, maxLength: 15 }),
      fc.array(anyFacts, { minLength: 3, maxLength: 3 }),
      (expressions, points) => {
        // Compared with a fact, a condition is never one that the validator takes for always false.
        const pack = packOf(expressions.map((of) => `(${of}) == ${fact('campaignKnown')}`));
        for (const facts of points) {
          const answer = authorized('release', facts, pack);
          if (answer.type === 'failure') throw new Error(JSON.stringify(answer.errors));
          expect(answer.response.diagnostics.errors).toEqual([]);
          expect(firedIn(facts, pack)).toEqual([...answer.response.diagnostics.reason].sort());
        }
      },
    ),
    { numRuns: 40 },
  );
});
