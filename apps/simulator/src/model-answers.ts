import { z } from 'zod';

/** The parts of JSON Schema that strict structured outputs allow. */
const schemaSchema = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  enum: z.array(z.unknown()).optional(),
  const: z.unknown().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  anyOf: z.array(z.unknown()).optional(),
  $ref: z.string().optional(),
  $defs: z.record(z.string(), z.unknown()).optional(),
});

/** Deeper than any schema within the documented limit of 5 levels, and an end for recursive ones. */
const maxDepth = 12;

/** A value that the schema accepts, with this text wherever it allows free text. */
export function schemaTrueAnswer(schema: unknown, text: string): unknown {
  const root = schemaSchema.parse(schema);
  return valueFor(root, root.$defs ?? {}, text, 0);
}

function valueFor(
  schema: unknown,
  definitions: Record<string, unknown>,
  text: string,
  depth: number,
): unknown {
  const parsed = schemaSchema.safeParse(schema);
  if (!parsed.success || depth > maxDepth) return null;
  const { type, enum: values, properties, anyOf, $ref } = parsed.data;
  if (parsed.data.const !== undefined) return parsed.data.const;
  if (values !== undefined) return values[0];
  if ($ref !== undefined)
    return valueFor(definitions[$ref.replace('#/$defs/', '')], definitions, text, depth + 1);
  if (anyOf !== undefined) return valueFor(anyOf[0], definitions, text, depth + 1);
  switch (Array.isArray(type) ? type[0] : type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(properties ?? {}).map(([name, inner]) => [
          name,
          valueFor(inner, definitions, text, depth + 1),
        ]),
      );
    case 'array':
      return [];
    case 'number':
    case 'integer':
      return 0;
    case 'boolean':
      return false;
    case 'null':
      return null;
    default:
      return text;
  }
}
