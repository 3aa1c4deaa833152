import { type AuthorizationAnswer, statefulIsAuthorized } from '@cedar-policy/cedar-wasm/nodejs';
import { type Action, actions, type Decision, type FiredRule, type Ruling } from '@sallyport/evidence';
import { factProblems, type Facts } from './fact-docs';
import { lettersOf } from './letters';
import { strictestQuorum } from './obligations';
import { type Pack } from './pack';
import { type Rule } from './rule';

export interface Rulings {
  rulings: Decision['rulings'];
  /** Any entry means that nothing is permitted. */
  errors: string[];
}

const deny = (rules: FiredRule[] = []): Ruling => ({ effect: 'deny', immediate: false, quorum: [], rules });

/**
 * What the pack says about each action: default deny, forbid beats permit. An engine error, a warning or a rule that
 * could not be evaluated denies all three actions: the engine would skip that rule, and it may have been the forbid.
 */
export function rulingsFor(facts: Facts, pack: Pack): Rulings {
  const { fired, errors } = firedRules(facts, pack);
  const [contain, release, close] = actions.map((action) =>
    errors.length > 0 ? deny() : rulingFrom(action, fired),
  );
  return { rulings: { contain: contain!, release: release!, close: close! }, errors };
}

/**
 * What the rules that fired say about one action. These few lines are the authorizer's own: a rule counts for the
 * actions of its head, one forbid denies, without a permit nothing is allowed. `cross-check.ts` holds them to Cedar's.
 */
export function rulingFrom(action: Action, fired: readonly Rule[]): Ruling {
  const about = fired.filter((rule) => rule.actions.includes(action));
  const forbids = about.filter(({ effect }) => effect === 'forbid');
  if (forbids.length > 0) {
    const overruled = about.filter(({ effect }) => effect === 'permit').map(asFired);
    return { ...deny(forbids.map(asFired)), ...(overruled.length > 0 && { overruled }) };
  }
  return about.length > 0 ? permit(action, about) : deny();
}

/** Immediate only where a rule says so and none of those that fired asks for people: the demand wins. */
function permit(action: Action, fired: readonly Rule[]): Ruling {
  const quorum = strictestQuorum(fired.map((rule) => rule.quorum));
  const immediate = action === 'contain' && quorum.length === 0 && fired.some((rule) => rule.immediate);
  return { effect: 'permit', immediate, quorum, rules: fired.map(asFired) };
}

const asFired = ({ id, effect, reason, review }: Rule): FiredRule => ({
  id,
  effect,
  reason,
  ...(review && { review }),
});

/**
 * Which rules fire, asked of Cedar once for all three actions: the engine reads the facts once and evaluates the
 * condition of every rule (see `conditionOf` in pack.ts), which costs a fraction of one question per action.
 */
function firedRules(facts: Facts, pack: Pack): { fired: Rule[]; errors: string[] } {
  // The request is not checked against the schema, which takes the engine longer than to decide: the schema says the
  // same as the table of facts, and this is the check against that table.
  const wrong = factProblems(facts);
  if (wrong.length > 0) return { fired: [], errors: wrong };
  const answer = authorize(facts, pack);
  if (typeof answer === 'string') return { fired: [], errors: [answer] };
  const warnings = answer.warnings.map(({ message }) => message);
  if (answer.type === 'failure')
    return { fired: [], errors: [...warnings, ...answer.errors.map(({ message }) => message)] };
  const { reason, errors } = answer.response.diagnostics;
  const ids = [...reason].sort();
  const fired = ids.flatMap((id) => pack.rules.get(id) ?? []);
  return {
    fired,
    errors: [
      ...warnings,
      ...errors.map(({ policyId, error }) => `the rule ${policyId} could not be evaluated: ${error.message}`),
      ...(fired.length === ids.length ? [] : ['the engine named a rule that is not in the pack']),
    ].sort(),
  };
}

/** @returns the engine's answer, or in words why there is none. */
function authorize(facts: Facts, pack: Pack): AuthorizationAnswer | string {
  try {
    return statefulIsAuthorized({
      principal: { type: 'Sallyport::Automation', id: 'sallyport' },
      action: { type: 'Sallyport::Action', id: 'decide' },
      resource: { type: 'Sallyport::Case', id: 'case' },
      context: {
        letters: lettersOf(facts),
        facts: Object.fromEntries(pack.askedFacts.map((fact) => [fact, facts[fact]])),
      },
      preparsedPolicySetId: pack.conditionSetId,
      validateRequest: false,
      entities: [],
    });
  } catch (thrown) {
    // A trap inside the engine. Not retried: the decision becomes a hold, and a person sees the reason.
    return `the policy engine failed: ${thrown instanceof Error ? thrown.message : 'no reason given'}`;
  }
}
