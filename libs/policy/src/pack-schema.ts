import { checkParseSchema, schemaToJsonWithResolvedTypes } from '@cedar-policy/cedar-wasm/nodejs';
import { actions } from '@sallyport/evidence';
import { factDocs, isFactName } from './fact-docs';
import { isRecord } from './fact-literals';
import { lineAtByte, type PackProblem } from './pack-problem';
import { type PackText } from './rule';

/**
 * A schema that does not list exactly our facts would make every request invalid, so it is refused at load. So is one in
 * which an action is in another: the engine would apply a rule to both, and rules count for the actions of their head.
 */
export function schemaProblems(schema: PackText): PackProblem[] {
  const say = (line: number, message: string, remedy: string) => ({
    path: schema.path,
    line,
    message,
    remedy,
  });
  const parsed = checkParseSchema(schema.text);
  if (parsed.type === 'failure')
    return parsed.errors.map(({ message, help, sourceLocations }) =>
      say(
        lineAtByte(schema.text, sourceLocations?.[0]?.start ?? 0),
        message,
        help ?? sourceLocations?.[0]?.label ?? 'correct the schema',
      ),
    );
  const answer = schemaToJsonWithResolvedTypes(schema.text);
  if (answer.type === 'failure')
    return answer.errors.map(({ message }) => say(1, message, 'correct the schema'));
  const problems = answer.warnings.map(({ message }) => say(1, message, 'remove what the warning names'));

  const facts = answer.json['Sallyport']?.commonTypes?.['Facts'];
  const declared = facts && 'attributes' in facts ? facts.attributes : {};
  for (const [name, attribute] of Object.entries(declared)) {
    const line = lineOfFact(schema.text, name);
    if (!isFactName(name))
      problems.push(say(line, `there is no fact ${name}`, 'remove it from the type Facts'));
    else if (typeOf(attribute) !== factDocs[name].type || attribute.required === false)
      problems.push(
        say(line, `the fact ${name} has another type`, `declare it as ${name}: ${factDocs[name].type}`),
      );
  }
  for (const [name, { type }] of Object.entries(factDocs))
    if (!Object.hasOwn(declared, name))
      problems.push(say(1, `the fact ${name} is missing from the type Facts`, `add ${name}: ${type}`));

  const actionsOfSchema = answer.json['Sallyport']?.actions ?? {};
  for (const [name, { memberOf = [] }] of Object.entries(actionsOfSchema))
    if (memberOf.length > 0)
      problems.push(
        say(
          lineOfAction(schema.text, name),
          `the action ${name} is in another, so a rule about that one would be about both`,
          'declare it without "in", and name each action in the head of a rule',
        ),
      );
  const otherwise = actions.filter((name) => !isShownFacts(actionsOfSchema[name]?.appliesTo?.context));
  if (otherwise[0])
    problems.push(
      say(
        lineOfAction(schema.text, otherwise[0]),
        `the context of ${otherwise.join(', ')} is not the facts and nothing else`,
        `declare action ${actions.join(', ')} with context: { facts: Facts }`,
      ),
    );
  return problems;
}

/** Whether a context is `{ facts: Facts }`, which is what decisions hand over. */
function isShownFacts(context: unknown): boolean {
  const attributes = isRecord(context) ? context['attributes'] : undefined;
  if (!isRecord(attributes) || Object.keys(attributes).join() !== 'facts') return false;
  const facts = attributes['facts'];
  return isRecord(facts) && facts['type'] === 'Sallyport::Facts' && facts['required'] !== false;
}

/** Built-in types arrive as `{type: 'String'}` or as `{type: 'EntityOrCommon', name: '__cedar::String'}`. */
function typeOf(attribute: object): string {
  const { type, name } = attribute as { type?: string; name?: string };
  const plain = (name ?? type ?? '').replace(/^__cedar::/, '');
  return plain === 'Boolean' ? 'Bool' : plain;
}

const lineOfFact = (text: string, name: string): number =>
  lineOf(text, new RegExp(`(?<!\\w)${literally(name)}(?!\\w)`));

/** Actions that are declared together stand between their keyword and the first bracket. */
const lineOfAction = (text: string, name: string): number =>
  lineOf(text, new RegExp(`(?<=\\baction\\s[\\w\\s",]*)(?<!\\w)${literally(name)}(?!\\w)`));

/** In quotes, a name may be any text. */
const literally = (name: string): string => name.replace(/\W/g, '\\$&');

function lineOf(text: string, what: RegExp): number {
  const at = text.search(what);
  return text.slice(0, Math.max(0, at)).split('\n').length;
}
