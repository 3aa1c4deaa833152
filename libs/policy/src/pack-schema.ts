import { checkParseSchema, schemaToJsonWithResolvedTypes } from '@cedar-policy/cedar-wasm/nodejs';
import { factDocs, isFactName } from './fact-docs';
import { lineAtByte, type PackProblem } from './pack-problem';
import { type PackText } from './rule';

/** A schema that does not list exactly our facts would make every request invalid, so it is refused at load. */
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
  return problems;
}

/** Built-in types arrive as `{type: 'String'}` or as `{type: 'EntityOrCommon', name: '__cedar::String'}`. */
function typeOf(attribute: object): string {
  const { type, name } = attribute as { type?: string; name?: string };
  const plain = (name ?? type ?? '').replace(/^__cedar::/, '');
  return plain === 'Boolean' ? 'Bool' : plain;
}

function lineOfFact(text: string, name: string): number {
  const at = text.search(new RegExp(`\\b${name}\\b`));
  return text.slice(0, Math.max(0, at)).split('\n').length;
}
