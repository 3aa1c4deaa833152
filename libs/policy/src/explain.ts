import { type Action, actions, type Ruling } from '@sallyport/evidence';
import { type Condition, holdsFor, textOf } from './condition';
import { type FactName, factDocs, type Facts, knownFactOf, unknownNumber } from './fact-docs';
import { spaceOf } from './fact-space';
import { type ProvablePack, type ProvableRule, provableRulings } from './provable-pack';
import { rulingFrom } from './rulings';
import { type Rule } from './rule';
import { isBadNews } from './tightening';

/** A rule that did not fire for one reason alone. */
export interface NearMiss {
  rule: Rule;
  /** The one part of its condition that does not hold. */
  missing: string;
}

/** What would have to be different for another ruling; all of it together. */
export interface Turn {
  changes: Partial<Facts>;
  ruling: Ruling;
}

export interface Explanation {
  action: Action;
  ruling: Ruling;
  nearMisses: NearMiss[];
  /** The smallest changes of facts after which the action would have been ruled otherwise. */
  turns: Turn[];
  /** Where there are none, because too much stands against the action: what each forbid rests on. */
  grounds: Ground[];
}

/** A forbid that fired, and the facts that it looks at. */
export interface Ground {
  rule: Rule;
  facts: Partial<Facts>;
}

/** How many facts are changed together in search of another ruling. Three are still read as one reason. */
const changedTogether = 3;
/** More than this many ways to change several facts together tell a reader nothing more; of one fact all are told. */
const maxTurns = 40;

/** For each action: which rules fired, which nearly did, and what would have changed the ruling. */
export function explain(facts: Facts, pack: ProvablePack): Explanation[] {
  const rulings = provableRulings(facts, pack);
  return actions.map((action) => {
    const rules = pack.rules.filter(({ rule }) => rule.actions.includes(action));
    const ruling = rulings[action];
    const turns = turnsOf(action, ruling, rules, facts);
    return {
      action,
      ruling,
      nearMisses: rules.flatMap((rule) => nearMiss(rule, facts)),
      turns,
      grounds: turns.length > 0 ? [] : groundsOf(rules, facts),
    };
  });
}

/**
 * Only rules of several parts: a rule of one part is near to every case, and the turns tell which of them matter. That
 * nothing bad is the case is no near miss either: every case at risk would be one theft short of containment.
 */
function nearMiss({ rule, condition }: ProvableRule, facts: Facts): NearMiss[] {
  if (condition.op !== 'all' || condition.of.length < 2) return [];
  const failing = condition.of.filter((part) => !holdsFor(part, facts));
  const [missing] = failing;
  if (failing.length !== 1 || !missing || isOnlyAbsent(missing, facts)) return [];
  return [{ rule, missing: textOf(missing) }];
}

const isOnlyAbsent = (part: Condition, facts: Facts): boolean =>
  part.op === 'test' && isBadNews(part.fact) && facts[part.fact] === 'no' && part.holds('yes');

function groundsOf(rules: readonly ProvableRule[], facts: Facts): Ground[] {
  return rules
    .filter(({ rule, condition }) => rule.effect === 'forbid' && holdsFor(condition, facts))
    .map(({ rule }) => ({ rule, facts: Object.fromEntries(rule.facts.map((fact) => [fact, facts[fact]])) }));
}

function turnsOf(action: Action, ruling: Ruling, rules: readonly ProvableRule[], facts: Facts): Turn[] {
  const steps = stepsFrom(facts, rules);
  for (let count = 1; count <= changedTogether; count += 1) {
    const turns: Turn[] = [];
    for (const changes of together(steps, count)) {
      const changed = { ...facts, ...changes };
      const fired = rules.filter(({ condition }) => holdsFor(condition, changed)).map(({ rule }) => rule);
      const other = rulingFrom(action, fired);
      if (demand(other) !== demand(ruling)) turns.push({ changes, ruling: other });
      if (count > 1 && turns.length === maxTurns) break;
    }
    if (turns.length > 0) return turns;
  }
  return [];
}

/** What a ruling comes to, without the rules that led there. */
const demand = ({ effect, immediate, quorum, rules }: Ruling) =>
  JSON.stringify([effect, immediate, quorum, rules.some(({ review }) => review)]);

/** Every other value of each fact that the rules mention. A number and the word whether it is known go together. */
function stepsFrom(facts: Facts, rules: readonly ProvableRule[]): Partial<Facts>[] {
  const conditions = rules.map(({ condition }) => condition);
  const space = spaceOf(conditions);
  const mentioned = new Set(rules.flatMap(({ rule }) => rule.facts));
  return [...space].flatMap(([fact, values]) => {
    const number = numberOf(fact);
    // The companion is changed with its number, below.
    if (!mentioned.has(fact) || number !== fact) return [];
    return values.flatMap((value) => {
      if (value === facts[fact]) return [];
      const known = knownFactOf(fact);
      return [{ [fact]: value, ...(known ? { [known]: value !== unknownNumber } : {}) } as Partial<Facts>];
    });
  });
}

/** `xKnown` → the number it speaks of: `xMinutes`, `xHours` or `xUsers`; any other fact → itself. */
function numberOf(fact: FactName): FactName {
  const of = (Object.keys(factDocs) as FactName[]).find((name) => knownFactOf(name) === fact);
  return of ?? fact;
}

function* together(steps: readonly Partial<Facts>[], count: number, from = 0): Generator<Partial<Facts>> {
  if (count === 0) {
    yield {};
    return;
  }
  for (let at = from; at < steps.length; at += 1) {
    const step = steps[at]!;
    for (const rest of together(steps, count - 1, at + 1))
      if (!Object.keys(step).some((fact) => fact in rest)) yield { ...step, ...rest };
  }
}
