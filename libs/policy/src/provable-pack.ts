import { policyToJson } from '@cedar-policy/cedar-wasm/nodejs';
import { actions } from '@sallyport/evidence';
import { type Condition, conditionOfRule, holdsFor, OutsideSubset } from './condition';
import { type Facts } from './fact-docs';
import { type Pack } from './pack';
import { type PackProblem } from './pack-problem';
import { rulingFrom, type Rulings } from './rulings';
import { type Rule } from './rule';

/** A rule and when it fires, evaluable without the engine. */
export interface ProvableRule {
  rule: Rule;
  condition: Condition;
}

/** A pack that lies in the subset of {@link conditionOf}. Rules in order of their ids. */
export interface ProvablePack {
  name: string;
  rules: readonly ProvableRule[];
}

/** @returns the pack for proofs, or every rule that lies outside of what can be proven. */
export function provable(pack: Pack): ProvablePack | PackProblem[] {
  const problems: PackProblem[] = [];
  const rules = [...pack.rules.values()]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .flatMap((rule) => {
      try {
        return [{ rule, condition: conditionOfRule(rule.json) }];
      } catch (error) {
        if (!(error instanceof OutsideSubset)) throw error;
        const message = `nothing can be proven about the rule ${rule.id}: it uses ${error.message}`;
        const remedy =
          'compare single facts with literals, joined by &&, || and !; or make what is missing a fact';
        problems.push({ path: rule.path, line: rule.line, message, remedy });
        return [];
      }
    });
  return problems.length > 0 ? problems : { name: pack.name, rules };
}

/** What the pack rules about each action, by our own evaluation. For proofs; decisions use `rulingsFor`. */
export function provableRulings(facts: Facts, { rules }: ProvablePack): Rulings['rulings'] {
  const fired = rules.filter(({ condition }) => holdsFor(condition, facts)).map(({ rule }) => rule);
  const [contain, release, close] = actions.map((action) => rulingFrom(action, fired));
  return { contain: contain!, release: release!, close: close! };
}

/** An expression such as `context.facts.isVip == "yes"`, as an invariant writes it. @throws OutsideSubset, Error */
export function expressionCondition(expression: string): Condition {
  const answer = policyToJson(`permit (principal, action, resource) when { ${expression} };`);
  if (answer.type === 'failure')
    throw new Error(`not a Cedar expression: ${answer.errors.map(({ message }) => message).join(', ')}`);
  return conditionOfRule(answer.json);
}
