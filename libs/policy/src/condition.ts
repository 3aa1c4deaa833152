import { type PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import { type FactName, type Facts, isFactName } from './fact-docs';
import { factNamed, isRecord } from './fact-literals';

/*
 * The conditions of rules in a form that can be evaluated a million times and over facts that are left open, which the
 * engine cannot do. It decides nothing: proofs, explanations and mutation checks use it, decisions come from Cedar, and
 * a cross-check holds one to the other (cross-check.ts).
 *
 * The subset: each comparison is about one fact and literals. In it nothing can fail: no arithmetic that overflows, no
 * attribute that may be missing. What lies outside is refused by name, never approximated.
 */

export type FactValue = boolean | number | string;

export type Condition =
  | { op: 'test'; fact: FactName; text: string; holds: (value: FactValue) => boolean; literals: FactValue[] }
  | { op: 'constant'; value: boolean }
  | { op: 'not'; of: Condition }
  | { op: 'all' | 'any'; of: readonly Condition[] };

/** A construct that proofs do not cover. The pack may use it; then nothing is proven about the pack. */
export class OutsideSubset extends Error {
  readonly code = 'POLICY_OUTSIDE_PROVABLE_SUBSET';
}

/** Cedar's JSON form of an expression, as a condition. @throws OutsideSubset */
export function conditionOf(node: unknown): Condition {
  const [operator, operands] = operation(node);
  switch (operator) {
    case 'Value':
      if (typeof operands === 'boolean') return { op: 'constant', value: operands };
      throw new OutsideSubset('a literal that is no condition');
    case '.':
      return testOf(node, '== true', (value) => value === true, [true]);
    case '!':
      return { op: 'not', of: conditionOf(part(operands, 'arg')) };
    case '&&':
      return { op: 'all', of: joined('all', operands) };
    case '||':
      return { op: 'any', of: joined('any', operands) };
    case 'if-then-else': {
      const asked = conditionOf(part(operands, 'if'));
      const yes: Condition = { op: 'all', of: [asked, conditionOf(part(operands, 'then'))] };
      const no: Condition = {
        op: 'all',
        of: [{ op: 'not', of: asked }, conditionOf(part(operands, 'else'))],
      };
      return { op: 'any', of: [yes, no] };
    }
    case 'contains': {
      const values = literalSet(part(operands, 'left'));
      const text = `is one of ${values.map((value) => JSON.stringify(value)).join(', ')}`;
      return testOf(part(operands, 'right'), text, (value) => values.includes(value), values);
    }
    default:
      if (operator in comparisons) return comparisonOf(operator, operands);
      throw new OutsideSubset(`the operator "${operator}"`);
  }
}

/** When a rule fires, whichever way its author split it into clauses. @throws OutsideSubset */
export function conditionOfRule({ principal, resource, conditions }: PolicyJson): Condition {
  if (principal.op !== 'All' || resource.op !== 'All')
    throw new OutsideSubset('a head that names a principal or a resource');
  const of = conditions.map(({ kind, body }): Condition => {
    const condition = conditionOf(body);
    return kind === 'when' ? condition : { op: 'not', of: condition };
  });
  return { op: 'all', of: of.flatMap((part) => (part.op === 'all' ? [...part.of] : [part])) };
}

/**
 * Whether the condition holds where `valueOf` gives undefined for the facts that are left open.
 * @returns undefined where that depends on them, or may
 */
export function holds(
  condition: Condition,
  valueOf: (fact: FactName) => FactValue | undefined,
): boolean | undefined {
  switch (condition.op) {
    case 'constant':
      return condition.value;
    case 'test': {
      const value = valueOf(condition.fact);
      return value === undefined ? undefined : condition.holds(value);
    }
    case 'not': {
      const inner = holds(condition.of, valueOf);
      return inner === undefined ? undefined : !inner;
    }
    default: {
      // `all` is settled by one false, `any` by one true; what is open stays open unless something settles it.
      const settles = condition.op === 'any';
      let open = false;
      for (const part of condition.of) {
        const found = holds(part, valueOf);
        if (found === settles) return settles;
        if (found === undefined) open = true;
      }
      return open ? undefined : !settles;
    }
  }
}

export const holdsFor = (condition: Condition, facts: Facts): boolean =>
  holds(condition, (fact) => facts[fact]) === true;

/** Every comparison in the condition. */
export function testsOf(condition: Condition): Extract<Condition, { op: 'test' }>[] {
  if (condition.op === 'test') return [condition];
  if (condition.op === 'constant') return [];
  return (condition.op === 'not' ? [condition.of] : condition.of).flatMap(testsOf);
}

/** The condition in words close to the rule's own. */
export function textOf(condition: Condition): string {
  switch (condition.op) {
    case 'constant':
      return String(condition.value);
    case 'test':
      return condition.text;
    case 'not':
      return `not (${textOf(condition.of)})`;
    default:
      return condition.of
        .map((part) => (part.op === 'all' || part.op === 'any' ? `(${textOf(part)})` : textOf(part)))
        .join(condition.op === 'all' ? ' and ' : ' or ');
  }
}

/** `a && (b && c)` as one list, so that "one condition short" counts what a reader counts. */
function joined(op: 'all' | 'any', operands: unknown): Condition[] {
  return [part(operands, 'left'), part(operands, 'right')].map(conditionOf).flatMap((side) => {
    return side.op === op ? [...side.of] : [side];
  });
}

type Compare = (left: number, right: number) => boolean;
/** What each operator asks of (fact, literal), and the operator that asks the same of (literal, fact). */
const comparisons: Readonly<Record<string, { mirrored: string; order: Compare | null }>> = {
  '==': { mirrored: '==', order: null },
  '!=': { mirrored: '!=', order: null },
  '<': { mirrored: '>', order: (left, right) => left < right },
  '<=': { mirrored: '>=', order: (left, right) => left <= right },
  '>': { mirrored: '<', order: (left, right) => left > right },
  '>=': { mirrored: '<=', order: (left, right) => left >= right },
};

function comparisonOf(written: string, operands: unknown): Condition {
  const [left, right] = [part(operands, 'left'), part(operands, 'right')];
  const factFirst = factNamed(left) !== null;
  const operator = factFirst ? written : comparisons[written]!.mirrored;
  const literal = literalOf(factFirst ? right : left);
  const { order } = comparisons[operator]!;
  const asks = (value: FactValue): boolean => {
    if (order) return typeof value === 'number' && typeof literal === 'number' && order(value, literal);
    return (value === literal) === (operator === '==');
  };
  return testOf(factFirst ? left : right, `${operator} ${JSON.stringify(literal)}`, asks, [literal]);
}

function testOf(
  node: unknown,
  text: string,
  asks: (value: FactValue) => boolean,
  literals: FactValue[],
): Condition {
  const fact = factNamed(node);
  if (fact === null || !isFactName(fact)) throw new OutsideSubset('a comparison that is not about one fact');
  return { op: 'test', fact, text: `${fact} ${text}`, holds: asks, literals };
}

function literalOf(node: unknown): FactValue {
  const [operator, operands] = operation(node);
  if (operator === 'neg') {
    const value = literalOf(part(operands, 'arg'));
    if (typeof value === 'number') return -value;
  }
  if (operator === 'Value' && ['boolean', 'number', 'string'].includes(typeof operands))
    return operands as FactValue;
  throw new OutsideSubset('a comparison with something that is not a literal');
}

function literalSet(node: unknown): FactValue[] {
  const [operator, operands] = operation(node);
  if (operator === 'Set' && Array.isArray(operands)) return operands.map(literalOf);
  throw new OutsideSubset('a set that is not made of literals');
}

function operation(node: unknown): [operator: string, operands: unknown] {
  const entries = isRecord(node) ? Object.entries(node) : [];
  const [only] = entries;
  if (entries.length !== 1 || !only) throw new OutsideSubset('an expression of an unknown form');
  return only;
}

function part(operands: unknown, name: string): unknown {
  if (!isRecord(operands) || !(name in operands)) throw new OutsideSubset('an expression of an unknown form');
  return operands[name];
}
