import { type PackProblem } from './pack-problem';
import { type PackText } from './rule';

/*
 * What is measured before the engine sees a text. Its parser works in WebAssembly with a small stack, and a text that is
 * nested too deeply does not fail there: it breaks the engine for the whole process, also for the pack in force. Every
 * level of a parsed text takes at least one word or sign, so a bound on those is one on levels, whatever they are. The
 * bounds are a few times below where that was seen to begin (brackets 130 deep, 3,800 words and signs in operators that
 * each hold the ones before) and far above what people can review.
 */

/** Brackets within brackets. */
const maxDepth = 32;
/** From one semicolon to the next, comments and texts aside. */
const statementMaxLength = 4_000;
/** Words, texts and signs in a statement; `==` is two signs. The longest rule of the packs has 151, the schema 205. */
const statementMaxWords = 800;

/** @returns where the text is nested too deeply, a statement is too long or a text has no end, or nothing */
export function boundProblems({ path, text }: PackText, kind: 'rules' | 'schema'): PackProblem[] {
  const opening = kind === 'schema' ? '([{<' : '([{';
  const closing = kind === 'schema' ? ')]}>' : ')]}';
  let depth = 0;
  let length = 0;
  let words = 0;
  let declaredTypes = 0;
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at]!;
    if (letter === '"') {
      const end = endOfText(text, at);
      // The parser would find it where the next text begins, perhaps a hundred lines below.
      if (/[\r\n]/.test(text.slice(at, end)))
        return [
          {
            path,
            line: lineAt(text, at),
            message: 'a text does not end on the line that it begins on',
            remedy: 'write " at both of its ends',
          },
        ];
      at = end;
      words += 1;
    } else if (letter === '/' && text[at + 1] === '/') at = endOfLine(text, at);
    else if (letter === ';') length = words = 0;
    else {
      length += 1;
      if (opening.includes(letter)) depth += 1;
      else if (closing.includes(letter)) depth = Math.max(0, depth - 1);
      if (!/\s/.test(letter) && !(isWordLetter(letter) && isWordLetter(text[at - 1]))) {
        words += 1;
        if (kind === 'schema' && /^type\b/.test(text.slice(at, at + 5))) declaredTypes += 1;
      }
    }
    const exceeded = boundExceeded({ depth, length, words, declaredTypes });
    if (exceeded) return [{ path, line: lineAt(text, at), ...exceeded }];
  }
  return [];
}

function boundExceeded(
  text: Record<'depth' | 'length' | 'words' | 'declaredTypes', number>,
): Pick<PackProblem, 'message' | 'remedy'> | null {
  if (text.depth > maxDepth)
    return { message: `brackets are nested more than ${maxDepth} deep`, remedy: 'make it plainer' };
  const remedy = 'write several rules';
  if (text.length > statementMaxLength)
    return { message: `one statement is longer than ${statementMaxLength} characters`, remedy };
  if (text.words > statementMaxWords)
    return { message: `one statement has more than ${statementMaxWords} words and signs`, remedy };
  // Types that name types twice over double with each: 30 of them keep the engine busy for hours.
  if (text.declaredTypes > 1)
    return { message: 'the schema declares more than one type', remedy: 'declare Facts and nothing else' };
  return null;
}

const lineAt = (text: string, at: number): number => text.slice(0, at).split('\n').length;

const isWordLetter = (letter: string | undefined): boolean => letter !== undefined && /\w/.test(letter);

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
