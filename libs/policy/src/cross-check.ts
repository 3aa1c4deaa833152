import { actions, type Action } from '@sallyport/evidence';
import { authorized } from './authorizer';
import { type FactValue } from './condition';
import { type FactName, type Facts, factNames } from './fact-docs';
import { spaceOf } from './fact-space';
import { type Pack } from './pack';
import { type ProvablePack, provableRulings } from './provable-pack';
import { rulingsFor } from './rulings';
import { type NamedFacts } from './smallest';

export interface Disagreement {
  facts: Facts;
  action: Action;
  /** Cedar's authorizer on the rules as written, our combination of what Cedar says fires, and our own evaluation. */
  authorizer: string;
  decision: string;
  proof: string;
}

/**
 * Asks Cedar's own authorizer, the engine as decisions ask it, and the evaluation that proofs rest on about the same
 * facts. A proof says something about Cedar only as far as these agree.
 *
 * @returns the first point at which they do not, or null
 */
export function crossCheck(pack: Pack, provable: ProvablePack, points: Iterable<Facts>): Disagreement | null {
  for (const facts of points) {
    const decided = rulingsFor(facts, pack);
    const proven = provableRulings(facts, provable);
    for (const action of actions) {
      const said = (rules: readonly { id: string }[], effect: string) =>
        `${effect}: ${rules.map(({ id }) => id).join(', ')}`;
      const found = {
        authorizer: asAuthorized(action, facts, pack),
        decision: [
          ...decided.errors,
          said(decided.rulings[action].rules, decided.rulings[action].effect),
        ].join('; '),
        proof: said(proven[action].rules, proven[action].effect),
      };
      if (found.authorizer !== found.decision || found.decision !== found.proof)
        return { facts, action, ...found };
    }
  }
  return null;
}

function asAuthorized(action: Action, facts: Facts, pack: Pack): string {
  const answer = authorized(action, facts, pack);
  if (answer.type === 'failure') return answer.errors.map(({ message }) => message).join('; ');
  const { decision, diagnostics } = answer.response;
  if (diagnostics.errors.length > 0 || answer.warnings.length > 0) return 'evaluated with errors or warnings';
  return `${decision === 'allow' ? 'permit' : 'deny'}: ${[...diagnostics.reason].sort().join(', ')}`;
}

/**
 * Points for {@link crossCheck}: every second one any point of the space, the others a few steps from a base, where
 * rules meet. The same `seed` gives the same points everywhere.
 */
export function* samplePoints(
  provable: ProvablePack,
  bases: readonly NamedFacts[],
  count: number,
  seed: number,
): Generator<Facts> {
  const space = spaceOf(provable.rules.map(({ condition }) => condition));
  const below = randomBelow(seed);
  const valueOf = (fact: FactName): FactValue => {
    const values = space.get(fact) ?? [];
    return values[below(values.length)]!;
  };
  const anyOf = (names: readonly FactName[]) =>
    Object.fromEntries(names.map((fact) => [fact, valueOf(fact)]));
  for (let n = 0; n < count; n += 1) {
    const base = bases.length > 0 && n % 2 === 1 ? bases[below(bases.length)]! : null;
    const changed = base
      ? Array.from({ length: below(5) }, () => factNames[below(factNames.length)]!)
      : factNames;
    yield { ...base?.facts, ...anyOf(changed) } as Facts;
  }
}

/** mulberry32, a small generator that spreads well enough; no secret depends on it. */
function randomBelow(seed: number): (bound: number) => number {
  let state = seed >>> 0;
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
}
