import { type FactValue } from './condition';
import { factDocs, type FactName, factNames, type Facts, isFactName } from './fact-docs';
import { valuesOf } from './fact-space';
import { factNamed, isRecord } from './fact-literals';

/*
 * The engine needs longer to read fifty facts one by one than to evaluate all the rules. Every fact but the numbers has
 * few values, so each value of each fact has a letter of its own, the facts of a case are one text of these letters, and
 * a comparison with such a value asks whether its letter is in the text. What is compared and how comparisons are joined
 * stays the engine's to evaluate; a comparison of any other form keeps asking the fact itself.
 *
 * The rules as written are what people read, and Cedar's authorizer on them is what the letters are held to
 * (cross-check.ts).
 */

const firstLetter = 0x100;

const letters: ReadonlyMap<FactName, ReadonlyMap<FactValue, string>> = (() => {
  let next = firstLetter;
  return new Map(
    factNames
      .filter((name) => factDocs[name].type !== 'Long')
      .map((name) => [
        name,
        new Map(valuesOf(name, []).map((value) => [value, String.fromCharCode(next++)])),
      ]),
  );
})();

/**
 * The facts that are not numbers, as a text.
 * @throws RangeError for a value that no fact has: left out, it would be none of those that a rule forbids
 */
export function lettersOf(facts: Facts): string {
  let text = '';
  for (const [name, ofValue] of letters) {
    const letter = ofValue.get(facts[name]);
    if (letter === undefined) throw new RangeError(`${name} has no such value`);
    text += letter;
  }
  return text;
}

/** An expression in Cedar's JSON form, asking `context.letters` wherever it can. It means the same. */
export function askingLetters(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(askingLetters);
  if (!isRecord(node)) return node;
  const [operator, operands] = Object.entries(node)[0] ?? [];
  // A fact that is true or false stands for itself wherever an expression may stand.
  const asked = operator === '.' ? hasOneOf([letterOf(node, true)]) : comparison(operator, operands);
  return (
    asked ?? Object.fromEntries(Object.entries(node).map(([name, inside]) => [name, askingLetters(inside)]))
  );
}

/** `==`, `!=` or `contains` about one fact and literal values of it; null for anything else. */
function comparison(operator: string | undefined, operands: unknown): unknown {
  if (!isRecord(operands)) return null;
  const { left, right } = operands;
  const set = operator === 'contains' && isRecord(left) ? left['Set'] : undefined;
  if (Array.isArray(set)) return hasOneOf(set.map((literal) => letterOf(right, valueIn(literal))));
  if (operator !== '==' && operator !== '!=') return null;
  const equal = hasOneOf([letterOf(left, valueIn(right))]) ?? hasOneOf([letterOf(right, valueIn(left))]);
  return equal && operator === '!=' ? { '!': { arg: equal } } : equal;
}

const valueIn = (literal: unknown): unknown => (isRecord(literal) ? literal['Value'] : undefined);

function letterOf(node: unknown, value: unknown): string | undefined {
  const fact = factNamed(node);
  return fact !== null && isFactName(fact) ? letters.get(fact)?.get(value as FactValue) : undefined;
}

/** Null where something asked for has no letter: a number, another fact, anything that is no literal. */
function hasOneOf(asked: readonly (string | undefined)[]): unknown {
  const known = [...new Set(asked)].filter((letter) => letter !== undefined);
  return asked.includes(undefined) ? null : anyOf(known.map(hasLetter));
}

const contextLetters = { '.': { left: { Var: 'context' }, attr: 'letters' } };
const hasLetter = (letter: string) => ({
  like: { left: contextLetters, pattern: ['Wildcard', { Literal: letter }, 'Wildcard'] },
});

/** As a tree that is as low as it can be: the engine reads only so many levels. */
function anyOf(expressions: readonly unknown[]): unknown {
  if (expressions.length < 2) return expressions[0] ?? null;
  const middle = Math.ceil(expressions.length / 2);
  return { '||': { left: anyOf(expressions.slice(0, middle)), right: anyOf(expressions.slice(middle)) } };
}
