/*
 * Cedar's JSON form of a rule does not say where in the text it was written, so a problem is looked for in the text. All
 * lines count from 0, the first line of the rule, which is also told where nothing is found.
 */

/** The line of an annotation, and not one where a text or a comment speaks of it. */
export const lineOfAnnotation = (rule: string, name: string): number =>
  lineAt(rule, withoutTexts(rule).search(new RegExp(`@\\s*${name}\\b`)));

/** The first line that compares the fact with one of the literals, or else the first that asks about it. */
export function lineOfFact(rule: string, fact: string, literals: readonly unknown[]): number {
  const lines = withoutComments(rule).split('\n');
  const asked = new RegExp(`\\bcontext\\.facts\\.${fact}\\b`);
  const values = literals.map((value) => JSON.stringify(value));
  const asksFor = (line: string) => values.some((value) => wordsOf(line).includes(value));
  const compared = lines.findIndex((line) => asked.test(line) && asksFor(line));
  return Math.max(0, compared >= 0 ? compared : lines.findIndex((line) => asked.test(line)));
}

/** The first line that asks about the context besides its facts, or else the first that names an entity in a condition. */
export function lineBesideFacts(rule: string): number {
  const bare = withoutTexts(rule);
  const context = bare.search(/\bcontext\b(?!\s*\.\s*facts\b)/);
  return lineAt(bare, context >= 0 ? context : bare.search(/(?<=\b(?:when|unless)\b[^]*)::/));
}

/** Texts, numbers and words. */
const wordsOf = (line: string): string[] => line.match(/"(?:\\.|[^"\\])*"|-?\w+/g) ?? [];

const textOrComment = /"(?:\\.|[^"\\])*"|\/\/[^\r\n]*/g;
/** Of the same length, as is what follows. */
const withoutTexts = (rule: string): string => rule.replace(textOrComment, blank);
const withoutComments = (rule: string): string =>
  rule.replace(textOrComment, (found) => (found.startsWith('"') ? found : blank(found)));
const blank = (found: string): string => ' '.repeat(found.length);

const lineAt = (text: string, at: number): number => text.slice(0, Math.max(0, at)).split('\n').length - 1;
