import { type FactName, type Facts } from './fact-docs';
import { type FactClass } from './fact-space';
import { type Settled } from './search';

/** A complete set of facts with the name that people know it by. */
export interface NamedFacts {
  name: string;
  facts: Facts;
}

export interface NearBase {
  base: string;
  changes: Partial<Facts>;
  facts: Facts;
}

/** How many facts are changed at once while every combination is tried; beyond that, the point found is cut down. */
const triedTogether = 3;

/**
 * The point that breaks something and differs from some base in the fewest facts. Up to three facts it is the smallest
 * there is; beyond, no single difference of it can be left out.
 *
 * @throws RangeError where there is no base
 */
export function smallest(
  point: Settled,
  breaks: (facts: Facts) => boolean,
  bases: readonly NamedFacts[],
  classes: ReadonlyMap<FactName, readonly FactClass[]>,
): NearBase {
  for (let count = 0; count <= triedTogether; count += 1)
    for (const { name, facts } of bases)
      for (const changes of combinations(changesOf(facts, classes), count)) {
        const changed = { ...facts, ...changes };
        if (breaks(changed)) return { base: name, changes, facts: changed };
      }
  const [first, ...others] = bases.map((base) => cutDown(point, breaks, base));
  if (!first) throw new RangeError('no base to tell a counterexample from');
  const size = ({ changes }: NearBase) => Object.keys(changes).length;
  return others.reduce((best, next) => (size(next) < size(best) ? next : best), first);
}

type Change = readonly [fact: FactName, value: Facts[FactName]];

function changesOf(facts: Facts, classes: ReadonlyMap<FactName, readonly FactClass[]>): Change[] {
  return [...classes].flatMap(([fact, list]) =>
    list
      .filter((alike) => !alike.includes(facts[fact]))
      .map(([value]): Change => [fact, value as Facts[FactName]]),
  );
}

/** Every choice of `count` changes of different facts. */
function* combinations(changes: readonly Change[], count: number, from = 0): Generator<Partial<Facts>> {
  if (count === 0) {
    yield {};
    return;
  }
  for (let at = from; at < changes.length; at += 1) {
    const [fact, value] = changes[at]!;
    for (const rest of combinations(changes, count - 1, at + 1))
      if (!(fact in rest)) yield { [fact]: value, ...rest };
  }
}

function cutDown(point: Settled, breaks: (facts: Facts) => boolean, base: NamedFacts): NearBase {
  const differing = [...point].filter(([fact, value]) => base.facts[fact] !== value);
  let changes = Object.fromEntries(differing) as Partial<Facts>;
  for (const [fact] of differing) {
    const { [fact]: _left, ...fewer } = changes;
    if (breaks({ ...base.facts, ...fewer })) changes = fewer;
  }
  return { base: base.name, changes, facts: { ...base.facts, ...changes } };
}
