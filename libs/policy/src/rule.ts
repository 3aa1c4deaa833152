import {
  type ActionConstraint,
  type EntityUidJson,
  type PolicyJson,
  policySetTextToParts,
  policyToJson,
} from '@cedar-policy/cedar-wasm/nodejs';
import { type Action, actions, type PagedRole, type Quorum, showUnseen } from '@sallyport/evidence';
import { factLiterals, factsMentioned, isRecord } from './fact-literals';
import { type FactName, factValueProblem, isFactName, unknownNumber } from './fact-docs';
import { obligationProblems, parsePage, parseQuorum } from './obligations';
import { lineAtByte, type PackProblem } from './pack-problem';
import { lineBesideFacts, lineOfAnnotation, lineOfFact } from './rule-lines';
import { levelsOf } from './text-bounds';
import { unguardedNumbers } from './unguarded-number';

export interface PackText {
  /** Relative to the folder of packs, so that the hash of a pack is the same on every machine. */
  path: string;
  text: string;
}

/** One policy of a pack, with what its annotations say. */
export interface Rule {
  id: string;
  reason: string;
  effect: 'permit' | 'forbid';
  actions: readonly Action[];
  /** Who must agree; empty for a rule that asks nobody. */
  quorum: Quorum;
  immediate: boolean;
  /** A containment after which a person looks; nothing is released before. */
  review: boolean;
  /** Who is called where it fires; only a forbid calls. */
  page: readonly PagedRole[];
  /** Where it fires, the cases that share a kind of detection are one group case. */
  groups: boolean;
  path: string;
  line: number;
  text: string;
  /** The same in Cedar's JSON form. */
  json: PolicyJson;
  /** The facts that its conditions mention. */
  facts: readonly FactName[];
}

type Found = { rules: Rule[]; problems: PackProblem[] };

/** The policies of one file. A mistyped annotation must not silently lose its obligation, so unknown ones are refused. */
export function rulesOf(file: PackText, pack: string): Found {
  const parts = policySetTextToParts(file.text);
  if (parts.type === 'failure') {
    return {
      rules: [],
      problems: parts.errors.map(({ message, sourceLocations }) => ({
        path: file.path,
        line: lineAtByte(file.text, sourceLocations?.[0]?.start ?? 0),
        message: `syntax error: ${message}`,
        remedy: sourceLocations?.[0]?.label ?? 'correct the Cedar syntax',
      })),
    };
  }
  const templates = parts.policy_templates.map((text) => ({
    path: file.path,
    line: lineOf(file.text, text),
    message: 'a template with a slot is never linked and so never applies',
    remedy: 'write a policy without ?principal and ?resource',
  }));
  const seen = new Map<string, number>();
  const found = parts.policies.map((text) => {
    // The same policy written twice: the second search starts behind the first find.
    const from = seen.get(text) ?? 0;
    seen.set(text, file.text.indexOf(text, from) + 1);
    return ruleOf(text, lineOf(file.text, text, from), file, pack);
  });
  return {
    rules: found.flatMap(({ rules }) => rules),
    problems: [...templates, ...found.flatMap(({ problems }) => problems)],
  };
}

/** The engine reads 128 levels of JSON, of which the rule itself is a part. */
const maxLevels = 110;
const reasonMaxLength = 500;
const knownAnnotations = ['id', 'reason', 'approvals', 'immediate', 'review', 'page', 'group'];

function ruleOf(text: string, line: number, file: PackText, pack: string): Found {
  const problems: PackProblem[] = [];
  /** @param above lines of the rule above the one that the problem is about */
  const say = (message: string, remedy: string, above = 0) => {
    problems.push({ path: file.path, line: line + above, message, remedy });
  };
  const answer = policyToJson(text);
  if (answer.type === 'failure') {
    answer.errors.forEach(({ message }) => say(message, 'correct the Cedar syntax'));
    return { rules: [], problems };
  }
  if (levelsOf(answer.json) > maxLevels) {
    say('the rule is nested too deeply', 'write several rules, each with fewer conditions');
    return { rules: [], problems };
  }
  const { effect, principal, action, resource, conditions, annotations = {} } = answer.json;
  // An annotation without a value arrives as null, whatever the type says.
  const given: Record<string, string | null | undefined> = annotations;
  const { id, reason, approvals, immediate, review, page, group } = given;

  if (!id || !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(id))
    say('the rule has no usable @id', 'add @id("words-in-kebab-case"), unique in the pack');
  if (!reason?.trim())
    say('the rule has no @reason', 'add @reason("...") in plain words for approvers and auditors');
  if (reason && (reason.length > reasonMaxLength || showUnseen(reason) !== reason))
    say(
      `the @reason is longer than ${reasonMaxLength} characters, or has letters that are not seen`,
      'write one plain line: approvers read it on the card and on the ticket',
      lineOfAnnotation(text, 'reason'),
    );
  for (const name of ['approvals', 'immediate', 'review', 'page', 'group'].filter(
    (key) => given[key] === null,
  ))
    say(`@${name} has no value`, `write @${name}("…") or leave it out`, lineOfAnnotation(text, name));
  for (const name of Object.keys(annotations).filter((key) => !knownAnnotations.includes(key)))
    say(
      `unknown annotation @${name}`,
      `use only ${knownAnnotations.map((key) => `@${key}`).join(', ')}`,
      lineOfAnnotation(text, name),
    );

  const named = actionsOf(action);
  if (!named)
    say(
      'the rule does not name its actions',
      `write action == Sallyport::Action::"contain" or action in [...] with ${actions.join(', ')}`,
    );
  if (asksAbout(conditions, ['action']))
    say(
      'a condition of the rule asks about the action',
      'name the actions in the head of the rule; all three are decided over one reading of the facts',
    );
  if (principal.op !== 'All' || resource.op !== 'All' || asksAbout(conditions, ['principal', 'resource']))
    say(
      'the rule asks about the principal or the resource, which are the same for every case: it would always apply or never',
      'write "principal" and "resource" alone in the head, and ask about facts',
    );
  if (asksBesideFacts(conditions))
    say(
      'a condition asks about the context as a whole, or names an entity: the engine is shown the facts in another form, so it could answer otherwise than the rule reads',
      'ask about facts, as context.facts.isVip',
      lineBesideFacts(text),
    );
  for (const { number, known, literals } of unguardedNumbers(answer.json))
    say(
      `the rule depends on ${number} also where it is not known, and then it is ${unknownNumber}`,
      `write context.facts.${known} && … in a rule that permits, !context.facts.${known} || … in one that protects`,
      lineOfFact(text, number, literals),
    );
  if (hasInexactNumber(conditions))
    say(
      'a number in the rule is too large to be kept exactly',
      `write whole numbers up to ${Number.MAX_SAFE_INTEGER}; facts are no larger`,
    );
  const obligations = {
    effect,
    actions: named ?? [],
    approvals: approvals ?? undefined,
    immediate: immediate ?? undefined,
    review: review ?? undefined,
    page: page ?? undefined,
    group: group ?? undefined,
  };
  for (const { message, remedy } of obligationProblems(obligations, pack)) {
    const about = /^@(\w+)/.exec(message)?.[1];
    say(message, remedy, about === undefined ? 0 : lineOfAnnotation(text, about));
  }
  for (const { fact, value } of factLiterals(conditions)) {
    const wrong = isFactName(fact) ? factValueProblem(fact, value) : null;
    if (wrong)
      say(`the rule compares ${fact} with ${JSON.stringify(value)}`, wrong, lineOfFact(text, fact, [value]));
  }
  if (!id || !reason || !named) return { rules: [], problems };
  const quorum = (approvals && parseQuorum(approvals)) || [];
  const rule = {
    id,
    reason,
    effect,
    actions: named,
    quorum,
    immediate: immediate === 'true',
    review: review === 'true',
    page: (page && parsePage(page)) || [],
    groups: group === 'campaign',
    path: file.path,
    line,
    text,
    json: answer.json,
    facts: [...factsMentioned(conditions)].filter(isFactName),
  };
  return { rules: [rule], problems };
}

/**
 * Whether an expression asks about what is not a fact. The engine is asked once for all actions, so only the head may
 * name one; and a forbid about another principal or case than the one that is always asked about would protect nobody.
 */
function asksAbout(node: unknown, variables: readonly string[]): boolean {
  if (Array.isArray(node)) return node.some((child) => asksAbout(child, variables));
  if (!isRecord(node)) return false;
  const asked = node['Var'];
  return (
    (typeof asked === 'string' && variables.includes(asked)) ||
    Object.values(node).some((child) => asksAbout(child, variables))
  );
}

/**
 * Whether an expression looks at the context besides its facts, or names an entity. Where a case is decided, the context
 * has the facts as letters too (letters.ts), and there is no schema to say which entity is in which.
 */
function asksBesideFacts(node: unknown): boolean {
  if (Array.isArray(node)) return node.some(asksBesideFacts);
  if (!isRecord(node)) return false;
  const access = node['.'];
  const isFacts = isRecord(access) && access['attr'] === 'facts' && isContext(access['left']);
  if (isFacts) return false;
  const literal = node['Value'];
  const isEntity = isRecord(literal) && '__entity' in literal;
  return isContext(node) || isEntity || Object.values(node).some(asksBesideFacts);
}
const isContext = (node: unknown): boolean => isRecord(node) && node['Var'] === 'context';

/** Rules pass through JSON, which rounds what is larger: another rule than the one that was reviewed. */
function hasInexactNumber(node: unknown): boolean {
  if (typeof node === 'number') return !Number.isSafeInteger(node);
  return typeof node === 'object' && node !== null && Object.values(node).some(hasInexactNumber);
}

/** @returns the actions of the rule's head, or null where it does not list them one by one. */
function actionsOf(constraint: ActionConstraint): Action[] | null {
  const uids = entitiesOf(constraint);
  const named = uids.flatMap((uid) => {
    const { type, id } = '__entity' in uid ? uid.__entity : uid;
    return type === 'Sallyport::Action' ? actions.filter((action) => action === id) : [];
  });
  return named.length > 0 && named.length === uids.length ? named : null;
}

function entitiesOf(constraint: ActionConstraint): EntityUidJson[] {
  if (constraint.op === 'All' || 'slot' in constraint) return [];
  return 'entities' in constraint ? constraint.entities : [constraint.entity];
}

/** Cedar hands back each policy as the exact slice of its file. */
function lineOf(fileText: string, slice: string, from = 0): number {
  const at = Math.max(0, fileText.indexOf(slice, from));
  return fileText.slice(0, at).split('\n').length;
}
