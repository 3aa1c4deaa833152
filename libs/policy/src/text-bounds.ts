import { type PackProblem } from './pack-problem';
import { type PackText } from './rule';

/*
 * What is measured before the engine sees a text. Its parser works in WebAssembly with a small stack, and a text that is
 * nested too deeply does not fail there: it breaks the engine for the whole process, also for the pack in force. The
 * bounds are a few times below where that was seen to begin (brackets 130 deep, 60 terms of nested operators) and far
 * above what people can review.
 */

/** Brackets within brackets. */
const maxDepth = 32;
/** From one semicolon to the next, comments and texts aside: a chain of operators is nested too. */
const statementMaxLength = 4_000;

/** @returns where the text is nested too deeply or a statement is too long, or nothing */
export function boundProblems({ path, text }: PackText, kind: 'rules' | 'schema'): PackProblem[] {
  const opening = kind === 'schema' ? '([{<' : '([{';
  const closing = kind === 'schema' ? ')]}>' : ')]}';
  let depth = 0;
  let length = 0;
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at]!;
    if (letter === '"') at = endOfText(text, at);
    else if (letter === '/' && text[at + 1] === '/') at = endOfLine(text, at);
    else if (letter === ';') length = 0;
    else {
      length += 1;
      if (opening.includes(letter)) depth += 1;
      else if (closing.includes(letter)) depth = Math.max(0, depth - 1);
    }
    if (depth <= maxDepth && length <= statementMaxLength) continue;
    const line = text.slice(0, at).split('\n').length;
    return [
      depth > maxDepth
        ? { path, line, message: `brackets are nested more than ${maxDepth} deep`, remedy: 'make it plainer' }
        : {
            path,
            line,
            message: `one statement is longer than ${statementMaxLength} characters`,
            remedy: 'write several rules',
          },
    ];
  }
  return [];
}

function endOfText(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at;
  }
  return text.length;
}

/** Cedar ends a comment at a carriage return as well. */
function endOfLine(text: string, from: number): number {
  const end = text.slice(from).search(/[\r\n]/);
  return end < 0 ? text.length : from + end;
}

/** Levels of a JSON value; the engine reads at most 128. */
export function levelsOf(value: unknown): number {
  let levels = 0;
  let here: unknown[] = [value];
  while (here.length > 0) {
    levels += 1;
    here = here.flatMap((node) => (typeof node === 'object' && node !== null ? Object.values(node) : []));
  }
  return levels;
}
