import { z } from 'zod';

/** The parts of JSON Schema that strict structured outputs allow. */
const schemaSchema = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  enum: z.array(z.unknown()).optional(),
  const: z.unknown().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  items: z.unknown().optional(),
  anyOf: z.array(z.unknown()).optional(),
  $ref: z.string().optional(),
  $defs: z.record(z.string(), z.unknown()).optional(),
});

/** Deeper than any schema within the documented limit of 5 levels, and an end for recursive ones. */
const maxDepth = 12;

/** Lists within lists end here, so that a schema which contains itself has an answer. */
const maxListDepth = 4;

/** What a simulated model wants to say. */
export interface Wish {
  /** For free text: a list gets an entry of each, anything else the first. */
  texts: readonly [string, ...string[]];
  /** Taken where a choice offers it; otherwise the first choice is. */
  choice?: string;
  /** For free text that a property named so asks for as a question. */
  question?: string;
}

/** A value that the schema accepts and that says what is wished wherever it can be said. */
export function schemaTrueAnswer(schema: unknown, wish: Wish): unknown {
  const root = schemaSchema.parse(schema);
  return valueFor(root, root.$defs ?? {}, wish, 0);
}

function valueFor(schema: unknown, definitions: Record<string, unknown>, wish: Wish, depth: number): unknown {
  const parsed = schemaSchema.safeParse(schema);
  if (!parsed.success || depth > maxDepth) return null;
  const { type, enum: values, properties, items, anyOf, $ref } = parsed.data;
  if (parsed.data.const !== undefined) return parsed.data.const;
  if (values !== undefined) return values.find((value) => value === wish.choice) ?? values[0];
  if ($ref !== undefined)
    return valueFor(definitions[$ref.replace('#/$defs/', '')], definitions, wish, depth + 1);
  if (anyOf !== undefined) return valueFor(anyOf[0], definitions, wish, depth + 1);
  switch (Array.isArray(type) ? type[0] : type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(properties ?? {}).map(([name, inner]) => [
          name,
          valueFor(inner, definitions, wishFor(name, wish), depth + 1),
        ]),
      );
    case 'array':
      if (items === undefined || depth > maxListDepth) return [];
      return entriesFor(items, definitions, wish, depth + 1);
    case 'number':
    case 'integer':
      return 0;
    case 'boolean':
      return false;
    case 'null':
      return null;
    default:
      return wish.texts[0];
  }
}

/** One entry per text, or one where the entries hold no text and would all be the same. */
function entriesFor(
  items: unknown,
  definitions: Record<string, unknown>,
  wish: Wish,
  depth: number,
): unknown[] {
  const entries = wish.texts.map((text) => valueFor(items, definitions, { ...wish, texts: [text] }, depth));
  return entries.filter((entry, at) => JSON.stringify(entry) !== JSON.stringify(entries[at - 1]));
}

function wishFor(property: string, wish: Wish): Wish {
  return wish.question !== undefined && /question/i.test(property)
    ? { ...wish, texts: [wish.question] }
    : wish;
}
