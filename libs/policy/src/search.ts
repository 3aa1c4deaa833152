import { type Quorum } from '@sallyport/evidence';
import { type Condition, type FactValue, holds, testsOf } from './condition';
import { type FactName } from './fact-docs';
import { type FactClass } from './fact-space';
import { type Outlook } from './invariants';
import { strictestQuorum } from './obligations';
import { type ProvableRule } from './provable-pack';
import { type Rule } from './rule';

/** Facts that are settled; the others are open. */
export type Settled = Map<FactName, FactValue>;

/** Far above what any pack of this product needs; beyond it a proof is refused rather than endless. */
export const maxVisits = 5_000_000;

/** A walk that was given up: nothing is proven. */
export class SearchTooLarge extends Error {
  readonly code = 'POLICY_PROOF_TOO_LARGE';
}

export interface Walk {
  /** Which facts to settle, in this order, and one value of each class to try. */
  classes: ReadonlyMap<FactName, readonly FactClass[]>;
  order: readonly FactName[];
  /** False only where no completion of the open facts can be what is sought: the whole branch is then done. */
  isPossible(settled: Settled): boolean;
  /** Asked where every fact of `order` is settled. */
  isFound(settled: Settled): boolean;
}

/**
 * Walks the whole space, fact by fact, and leaves out only branches that cannot hold what is sought.
 *
 * @param limit of branches
 * @returns the first point found, or null where there is none in the whole space; and how many branches were looked at
 * @throws SearchTooLarge
 */
export function findPoint(walk: Walk, limit = maxVisits): { point: Settled | null; visits: number } {
  const settled: Settled = new Map();
  let visits = 0;
  const below = (depth: number): boolean => {
    visits += 1;
    if (visits > limit) throw new SearchTooLarge(`more than ${limit} branches`);
    if (!walk.isPossible(settled)) return false;
    const fact = walk.order[depth];
    if (fact === undefined) return walk.isFound(settled);
    for (const [value] of walk.classes.get(fact) ?? []) {
      settled.set(fact, value);
      if (below(depth + 1)) return true;
    }
    settled.delete(fact);
    return false;
  };
  return { point: below(0) ? settled : null, visits };
}

/**
 * An order in which branches die early: first what the question itself is about, then the facts of the rules with the
 * fewest comparisons, because those fire or fall as soon as one fact is settled.
 */
export function searchOrder(asked: readonly Condition[], rules: readonly ProvableRule[]): FactName[] {
  const shortFirst = [...rules]
    .map(({ condition }) => testsOf(condition))
    .sort((a, b) => a.length - b.length)
    .flat();
  return [...new Set([...asked.flatMap(testsOf), ...shortFirst].map(({ fact }) => fact))];
}

/**
 * What the rules can still come to for each action. One plain pass over the rules: this is asked
 * once for each branch of every proof.
 */
export function outlookOf(rules: readonly ProvableRule[], settled: Settled): Outlook {
  const valueOf = (fact: FactName) => settled.get(fact);
  const surelyFires: Rule[] = [];
  const seen = { contain: notSeen(), release: notSeen(), close: notSeen() };
  for (const { rule, condition } of rules) {
    const fires = holds(condition, valueOf);
    if (fires === false) continue;
    if (fires) surelyFires.push(rule);
    for (const action of rule.actions) {
      const about = seen[action];
      if (rule.effect === 'forbid') {
        if (fires) about.forbids = true;
      } else {
        about.mayPermit = true;
        if (fires) about.permits.push(rule.quorum);
      }
    }
  }
  return {
    mayPermit: (action) => seen[action].mayPermit && !seen[action].forbids,
    surelyAsks: (action) => strictestQuorum(seen[action].permits),
    surelyFires,
  };
}

const notSeen = () => ({ forbids: false, mayPermit: false, permits: [] as Quorum[] });
