import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { authorized } from './authorizer';
import * as b from './evidence.builder';
import { factDocs, type FactName, factNames, type Facts } from './fact-docs';
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

const valuesOf = (name: FactName): readonly (string | boolean)[] => {
  const doc = factDocs[name];
  if (doc.type === 'Bool') return [true, false];
  return doc.type === 'String' ? doc.values : [];
};
const finite = factNames.filter((name) => valuesOf(name).length > 0);

test('no two values have the same letters, whichever facts they belong to', () => {
  const one = finite.flatMap((name) =>
    valuesOf(name).map((value) => lettersOf({ ...someFacts, [name]: value })),
  );
  const changed = finite.flatMap((name) => valuesOf(name).filter((value) => someFacts[name] !== value));
  expect(new Set(one).size).toBe(changed.length + 1);
  expect(new Set(one.flatMap((text) => [...text])).size).toBe(one.length);
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
