import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { holds, testsOf, textOf } from './condition';
import { crossCheck, samplePoints } from './cross-check';
import { factDocs, type FactName, factNames, knownFactOf } from './fact-docs';
import { classesOf, spaceOf } from './fact-space';
import { loadPack } from './pack';
import { expressionCondition, provable } from './provable-pack';

const schema = {
  path: 'shared/schema.cedarschema',
  text: readFileSync(join(__dirname, '../../../policies/shared/schema.cedarschema'), 'utf8'),
};

/** One comparison of one fact, in any of the forms that the subset has. */
const comparison = fc.constantFrom(...factNames).chain((fact: FactName) => {
  const doc = factDocs[fact];
  const named = `context.facts.${fact}`;
  if (doc.type === 'Bool')
    return fc.constantFrom(named, `!${named}`, `${named} == false`, `true != ${named}`);
  if (doc.type === 'Long')
    return fc
      .tuple(
        fc.constantFrom('==', '!=', '<', '<=', '>', '>='),
        fc.integer({ min: -2, max: 70 }),
        fc.boolean(),
        // Without a guard the rule would be refused: an unknown number would count.
        fc.constantFrom('known &&', '!known ||'),
      )
      .map(([operator, literal, turned, guard]) => {
        const asked = turned ? `${literal} ${operator} ${named}` : `${named} ${operator} ${literal}`;
        return `(${guard.replace('known', `context.facts.${knownFactOf(fact)}`)} ${asked})`;
      });
  return fc
    .tuple(fc.constantFrom('==', '!='), fc.subarray([...doc.values], { minLength: 1 }), fc.nat(2))
    .map(([operator, values, form]) => {
      if (form === 0) return `${JSON.stringify(values)}.contains(${named})`;
      return form === 1 ? `${named} ${operator} "${values[0]}"` : `"${values[0]}" ${operator} ${named}`;
    });
});
const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    comparison,
    fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => `(${a} && ${b})`),
    fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => `(${a} || ${b})`),
    tie('expression').map((a) => `!(${a})`),
    fc
      .tuple(tie('expression'), tie('expression'), tie('expression'))
      .map(([a, b, c]) => `(if ${a} then ${b} else ${c})`),
  ),
}));
const rule = fc.record({
  effect: fc.constantFrom('permit', 'forbid'),
  action: fc.constantFrom('contain', 'release', 'close'),
  clauses: fc.array(fc.tuple(fc.constantFrom('when', 'unless'), expression), { minLength: 1, maxLength: 3 }),
});

test('Cedar and the evaluation of proofs agree about rules that nobody wrote', () => {
  let compared = 0;
  fc.assert(
    fc.property(fc.array(rule, { minLength: 1, maxLength: 6 }), (rules) => {
      const text = rules
        .map(({ effect, action, clauses }, at) => {
          const asks = effect === 'permit' && action !== 'close' ? '@approvals("secops:1")\n' : '';
          const conditions = clauses.map(([kind, body]) => `${kind} { ${body} }`).join('\n');
          return `@id("r-${at}")\n@reason("x")\n${asks}${effect} (principal, action == Sallyport::Action::"${action}", resource)\n${conditions};`;
        })
        .join('\n');
      const pack = loadPack({ name: 'random', files: [{ path: 'random/r.cedar', text }], schema });
      const found = provable(pack);
      if (Array.isArray(found)) throw new Error(JSON.stringify(found));
      const points = [...samplePoints(found, [], 20, 7)];
      compared += points.length;
      expect(crossCheck(pack, found, points)).toBeNull();
    }),
    { numRuns: 150 },
  );
  expect(compared).toBeGreaterThanOrEqual(3_000);
});

test('what is left open is open, unless the rest settles it', () => {
  const condition = expressionCondition(
    'context.facts.isVip == "yes" && (context.facts.riskLevel == "high" || !context.facts.campaignKnown)',
  );
  const at = (settled: Partial<Record<FactName, string | boolean>>) =>
    holds(condition, (fact) => settled[fact]);
  expect(at({})).toBeUndefined();
  expect(at({ isVip: 'no' })).toBe(false);
  expect(at({ isVip: 'yes' })).toBeUndefined();
  expect(at({ isVip: 'yes', campaignKnown: false })).toBe(true);
  expect(at({ isVip: 'yes', campaignKnown: true, riskLevel: 'low' })).toBe(false);
  expect(textOf(condition)).toBe('isVip == "yes" and (riskLevel == "high" or not (campaignKnown == true))');
});

test('every value of a fact is in exactly one class, and each class is alike to all comparisons', () => {
  fc.assert(
    fc.property(fc.array(expression, { minLength: 1, maxLength: 4 }), (expressions) => {
      const conditions = expressions.map(expressionCondition);
      const space = spaceOf(conditions);
      for (const [fact, classes] of classesOf(conditions, space)) {
        expect(classes.flat().sort()).toEqual([...(space.get(fact) ?? [])].sort());
        for (const asked of conditions.flatMap(testsOf).filter((one) => one.fact === fact))
          for (const alike of classes) expect(new Set(alike.map(asked.holds)).size).toBe(1);
      }
    }),
    { numRuns: 100 },
  );
});
