import {
  type PolicyJson,
  preparsePolicySet,
  preparseSchema,
  validate,
  type ValidationError,
} from '@cedar-policy/cedar-wasm/nodejs';
import { type Digest } from '@sallyport/evidence';
import { digestOf } from '@sallyport/idempotency';
import { type FactName, factNames } from './fact-docs';
import { asksSingleFacts, factsMentioned } from './fact-literals';
import { askingLetters } from './letters';
import { lineAtByte, PackError, problemLine, type PackProblem } from './pack-problem';
import { schemaProblems } from './pack-schema';
import { type PackText, type Rule, rulesOf } from './rule';
import { boundProblems } from './text-bounds';

export interface PackSource {
  name: string;
  files: readonly PackText[];
  schema: PackText;
}

/** A pack that was read, validated and handed to the engine. Only {@link loadPack} makes one. */
export interface Pack {
  name: string;
  /** SHA-256 over name, paths and texts of rules and schema: which text decides. */
  policySetHash: Digest;
  rules: ReadonlyMap<string, Rule>;
  /** Names under which the engine keeps the parsed set and schema; made from the hash, so equal packs share. */
  policySetId: string;
  schemaName: string;
  /** Name of the set that {@link conditionOf} makes the rules of. */
  conditionSetId: string;
  /** The facts that its conditions ask for one by one; all others are asked by letter (letters.ts). */
  askedFacts: readonly FactName[];
}

/** Far above any pack that people can review; a longer one is a mistake or an attack on the parser. */
const maxFiles = 50;
const fileMaxLength = 200_000;
const schemaMaxLength = 20_000;
const maxRules = 300;

/**
 * Reads a pack: syntax, strict validation against its schema, annotations, obligations, literals.
 *
 * @throws PackError listing every problem with file, line and remedy. An error or a warning refuses the whole pack:
 * the engine skips what it cannot evaluate, and a skipped forbid would be an allow.
 */
export function loadPack({ name, files, schema }: PackSource): Pack {
  const oversize = [
    ...sizeProblems(files, schema),
    ...boundProblems(schema, 'schema'),
    ...files.flatMap((file) => boundProblems(file, 'rules')),
  ];
  if (oversize.length > 0) throw new PackError(name, oversize);
  const found = files.map((file) => rulesOf(file, name));
  const rules = found.flatMap((file) => file.rules);
  const schemaFaults = schemaProblems(schema);
  const problems = [
    ...schemaFaults,
    ...found.flatMap((file) => file.problems),
    ...duplicateProblems(rules),
    ...(rules.length > 0 && rules.length <= maxRules
      ? []
      : [
          {
            path: schema.path,
            line: 1,
            message: `the pack has ${rules.length} usable rules`,
            remedy: `have 1 to ${maxRules} rules`,
          },
        ]),
  ];
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  // Against a broken schema every rule would be reported as well, which would bury the cause.
  if (schemaFaults.length === 0) problems.push(...validationProblems(byId, schema));
  if (problems.length > 0) throw new PackError(name, problems);

  const texts = [...files].sort((a, b) => (a.path < b.path ? -1 : 1)).map(({ path, text }) => [path, text]);
  const policySetHash = digestOf(['policy-set', name, texts, schema.path, schema.text]);
  const policySetId = `rules-${policySetHash}`;
  const conditionSetId = `conditions-${policySetHash}`;
  const schemaName = `schema-${policySetHash}`;
  const conditions = new Map(rules.map(({ id, json }) => [id, conditionOf(json)]));
  const refused = [
    preparseSchema(schemaName, schema.text),
    preparsePolicySet(policySetId, policySetOf(byId)),
    preparsePolicySet(conditionSetId, { staticPolicies: Object.fromEntries(conditions) }),
  ];
  const failures = refused.flatMap((answer) => (answer.type === 'failure' ? answer.errors : []));
  if (failures.length > 0)
    throw new PackError(
      name,
      failures.map(({ message }) => ({ path: schema.path, line: 1, message, remedy: 'correct the pack' })),
    );
  return {
    ...{ name, policySetHash, rules: byId, policySetId, schemaName, conditionSetId },
    askedFacts: askedFacts(rules, [...conditions.values()]),
  };
}

/** All of them as soon as one rule looks at the facts other than one by one, as `context.facts has x` does. */
function askedFacts(rules: readonly Rule[], conditions: readonly PolicyJson[]): readonly FactName[] {
  if (!rules.every(({ json }) => asksSingleFacts(json.conditions))) return factNames;
  const asked = factsMentioned(conditions);
  return factNames.filter((fact) => asked.has(fact));
}

const policySetOf = (rules: ReadonlyMap<string, Rule>) => ({
  staticPolicies: Object.fromEntries([...rules].map(([id, { text }]) => [id, text])),
});

/**
 * The same rule as a permit for any action: asked once, the engine names every rule whose condition holds, for all three
 * actions. What that means for an action is `rulingFrom` in rulings.ts. Everything else in the head stays.
 */
const conditionOf = (json: PolicyJson): PolicyJson => ({
  ...json,
  conditions: askingLetters(json.conditions) as PolicyJson['conditions'],
  effect: 'permit',
  action: anyAction,
});
const anyAction = { op: 'All' as const };

/** Why the engine must not see this text of rules: it is too long, or nested too deeply. Empty where it may. */
export function ruleTextProblems(file: PackText): PackProblem[] {
  return [...tooLong(file, fileMaxLength), ...boundProblems(file, 'rules')];
}

function tooLong({ path, text }: PackText, maxLength: number): PackProblem[] {
  return text.length > maxLength
    ? [{ path, line: 1, message: `the file is longer than ${maxLength} characters`, remedy: 'split it' }]
    : [];
}

function sizeProblems(files: readonly PackText[], schema: PackText): PackProblem[] {
  const problems = [
    ...files.flatMap((file) => tooLong(file, fileMaxLength)),
    ...tooLong(schema, schemaMaxLength),
  ];
  if (files.length > maxFiles)
    problems.push({
      path: schema.path,
      line: 1,
      message: `more than ${maxFiles} files`,
      remedy: 'join some files',
    });
  return problems;
}

function duplicateProblems(rules: readonly Rule[]): PackProblem[] {
  const first = new Map<string, Rule>();
  return rules.flatMap((rule) => {
    const earlier = first.get(rule.id);
    if (!earlier) {
      first.set(rule.id, rule);
      return [];
    }
    const message = `@id("${rule.id}") is already used at ${earlier.path}:${earlier.line}`;
    return [{ path: rule.path, line: rule.line, message, remedy: 'give each rule its own @id' }];
  });
}

function validationProblems(rules: ReadonlyMap<string, Rule>, schema: PackText): PackProblem[] {
  const answer = validate({
    validationSettings: { mode: 'strict' },
    schema: schema.text,
    policies: policySetOf(rules),
  });
  if (answer.type === 'failure')
    return answer.errors.map(({ message }) => ({
      path: schema.path,
      line: 1,
      message,
      remedy: 'correct the pack',
    }));
  const ofRule = ({ policyId, error }: ValidationError, kind: string): PackProblem => {
    const rule = rules.get(policyId);
    const offset = error.sourceLocations?.[0]?.start ?? 0;
    // The same is found once for each action of the rule.
    const message = error.message.replace(/ in context for Sallyport::Action::"\w+"/, '');
    const help = error.help ?? 'correct the rule, or the schema if the fact is new';
    return {
      path: rule?.path ?? schema.path,
      line: rule ? rule.line + lineAtByte(rule.text, offset) - 1 : 1,
      message: `${kind}: ${message}`,
      remedy: /^did you mean/.test(help) ? `${help} All facts are in docs/reference/facts.md` : help,
    };
  };
  return distinct([
    ...answer.validationErrors.map((error) => ofRule(error, 'validation error')),
    ...answer.validationWarnings.map((warning) => ofRule(warning, 'validation warning')),
    ...answer.otherWarnings.map(({ message }) => ({
      path: schema.path,
      line: 1,
      message,
      remedy: 'remove the cause',
    })),
  ]);
}

const distinct = (problems: readonly PackProblem[]): PackProblem[] => [
  ...new Map(problems.map((problem) => [problemLine(problem), problem])).values(),
];
