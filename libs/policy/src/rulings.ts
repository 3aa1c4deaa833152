import { type AuthorizationAnswer, statefulIsAuthorized } from '@cedar-policy/cedar-wasm/nodejs';
import { type Action, actions, type Decision, type FiredRule, type Ruling } from '@sallyport/evidence';
import { type Facts } from './fact-docs';
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
  const asked = actions.map((action) => ask(action, facts, pack));
  const errors = asked.flatMap((answer) => answer.errors);
  const [contain, release, close] = asked.map(({ ruling }) => (errors.length > 0 ? deny() : ruling));
  return { rulings: { contain: contain!, release: release!, close: close! }, errors };
}

function ask(action: Action, facts: Facts, pack: Pack): { ruling: Ruling; errors: string[] } {
  const answer = authorize(action, facts, pack);
  if (typeof answer === 'string') return { ruling: deny(), errors: [`${action}: ${answer}`] };
  const errors = [
    ...answer.warnings.map(({ message }) => message),
    ...(answer.type === 'failure' ? answer.errors.map(({ message }) => message) : []),
    ...(answer.type === 'success'
      ? answer.response.diagnostics.errors.map(
          ({ policyId, error }) => `the rule ${policyId} could not be evaluated: ${error.message}`,
        )
      : []),
  ];
  if (answer.type === 'failure') {
    return { ruling: deny(), errors: errors.map((message) => `${action}: ${message}`) };
  }
  const ids = [...answer.response.diagnostics.reason].sort();
  const fired = ids.flatMap((id) => pack.rules.get(id) ?? []);
  if (fired.length !== ids.length) errors.push('the engine named a rule that is not in the pack');
  const ruling = answer.response.decision === 'allow' ? permit(action, fired) : deny(fired.map(asFired));
  return { ruling, errors: errors.map((message) => `${action}: ${message}`).sort() };
}

/** Immediate only where a rule says so and none of those that fired asks for people: the demand wins. */
function permit(action: Action, fired: readonly Rule[]): Ruling {
  const quorum = strictestQuorum(fired.map((rule) => rule.quorum));
  const immediate = action === 'contain' && quorum.length === 0 && fired.some((rule) => rule.immediate);
  return { effect: 'permit', immediate, quorum, rules: fired.map(asFired) };
}

const asFired = ({ id, effect, reason }: Rule): FiredRule => ({ id, effect, reason });

/** @returns the engine's answer, or in words why there is none. */
function authorize(action: Action, facts: Facts, pack: Pack): AuthorizationAnswer | string {
  try {
    return statefulIsAuthorized({
      principal: { type: 'Sallyport::Automation', id: 'sallyport' },
      action: { type: 'Sallyport::Action', id: action },
      resource: { type: 'Sallyport::Case', id: 'case' },
      context: { facts },
      preparsedSchemaName: pack.schemaName,
      preparsedPolicySetId: pack.policySetId,
      validateRequest: true,
      entities: [],
    });
  } catch (thrown) {
    // A trap inside the engine. Not retried: the decision becomes a hold, and a person sees the reason.
    return `the policy engine failed: ${thrown instanceof Error ? thrown.message : 'no reason given'}`;
  }
}
