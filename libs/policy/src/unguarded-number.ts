import { type PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import { type Condition, conditionOfRule, type FactValue, OutsideSubset, testsOf } from './condition';
import { type FactName, knownFactOf } from './fact-docs';
import { factsMentioned } from './fact-literals';

export interface UnguardedNumber {
  number: FactName;
  known: FactName;
  /** What the number is compared with where it is not guarded; empty where that cannot be read. */
  literals: readonly FactValue[];
}

/**
 * Number facts on which the rule depends although they are not known. An unknown number is -1: `hours < 24` would
 * permit on it, and `users >= 10` would not forbid. Guarded is `xKnown && x < 24`, and `!xKnown || x >= 10`.
 *
 * A condition outside of what proofs read is only looked at for whether it mentions the guard at all.
 */
export function unguardedNumbers(rule: PolicyJson): UnguardedNumber[] {
  const condition = readable(rule);
  const mentioned = factsMentioned(rule.conditions);
  return [...mentioned].flatMap((number) => {
    const known = knownFactOf(number);
    if (!known) return [];
    if (!condition) return mentioned.has(known) ? [] : [{ number: number as FactName, known, literals: [] }];
    const unguarded = testsOf(withoutFact(condition, known)).filter(({ fact }) => fact === number);
    const literals = unguarded.flatMap((test) => test.literals);
    return unguarded.length > 0 ? [{ number: number as FactName, known, literals }] : [];
  });
}

function readable(rule: PolicyJson): Condition | null {
  try {
    return conditionOfRule(rule);
  } catch (error) {
    if (error instanceof OutsideSubset) return null;
    throw error;
  }
}

/** The condition where the truth value `fact` is false, without the parts that then no longer matter. */
function withoutFact(condition: Condition, fact: FactName): Condition {
  switch (condition.op) {
    case 'constant':
      return condition;
    case 'test':
      return condition.fact === fact ? { op: 'constant', value: condition.holds(false) } : condition;
    case 'not': {
      const of = withoutFact(condition.of, fact);
      return of.op === 'constant' ? { op: 'constant', value: !of.value } : { op: 'not', of };
    }
    default: {
      const settles = condition.op === 'any';
      const of = condition.of.map((part) => withoutFact(part, fact));
      if (of.some((part) => part.op === 'constant' && part.value === settles))
        return { op: 'constant', value: settles };
      const open = of.filter((part) => part.op !== 'constant');
      return open.length === 0 ? { op: 'constant', value: !settles } : { op: condition.op, of: open };
    }
  }
}
