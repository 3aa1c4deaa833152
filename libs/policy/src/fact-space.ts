import { type Condition, type FactValue, testsOf } from './condition';
import { factDocs, type FactName, factNames } from './fact-docs';

/*
 * The finite space that proofs walk. A text or truth value has its documented values. A number is only ever compared
 * with literals, so that one value below, at and above each literal stands for all numbers there are.
 */

/** Values of one fact that no comparison in question can tell apart. The first one stands for all. */
export type FactClass = readonly [FactValue, ...FactValue[]];

/** Every value of the fact that can matter beside these literals, in the order of the documentation. */
export function valuesOf(fact: FactName, literals: readonly FactValue[]): FactValue[] {
  const doc = factDocs[fact];
  if (doc.type === 'Bool') return [true, false];
  if (doc.type === 'String') return [...doc.values];
  const numbers = literals.filter((literal) => typeof literal === 'number');
  const around = [-1, 0, ...numbers.flatMap((literal) => [literal - 1, literal, literal + 1])];
  return [...new Set(around)].filter(Number.isSafeInteger).sort((a, b) => a - b);
}

/** The values of every fact, with the numbers that these conditions compare with. */
export function spaceOf(conditions: readonly Condition[]): ReadonlyMap<FactName, FactValue[]> {
  const tests = conditions.flatMap(testsOf);
  return new Map(
    factNames.map((fact) => {
      const literals = tests.filter((test) => test.fact === fact).flatMap((test) => test.literals);
      return [fact, valuesOf(fact, literals)];
    }),
  );
}

/** How many points the space has. */
export function sizeOf(space: ReadonlyMap<FactName, readonly FactValue[]>): bigint {
  return [...space.values()].reduce((product, values) => product * BigInt(values.length), 1n);
}

/** The facts that these conditions compare, each with its values in classes. A fact that none mentions cannot matter. */
export function classesOf(
  conditions: readonly Condition[],
  space: ReadonlyMap<FactName, readonly FactValue[]>,
): ReadonlyMap<FactName, readonly FactClass[]> {
  const tests = conditions.flatMap(testsOf);
  const facts = new Set(tests.map(({ fact }) => fact));
  return new Map(
    [...facts].map((fact) => {
      const asked = tests.filter((test) => test.fact === fact);
      const classes = new Map<string, [FactValue, ...FactValue[]]>();
      for (const value of space.get(fact) ?? []) {
        const signature = asked.map((test) => Number(test.holds(value))).join('');
        const found = classes.get(signature);
        if (found) found.push(value);
        else classes.set(signature, [value]);
      }
      return [fact, [...classes.values()]];
    }),
  );
}
