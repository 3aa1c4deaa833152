/** How a property may be filtered. Graph documents this per property; what is not listed is refused. */
export interface Filterable {
  kind: 'string' | 'date' | 'number' | 'boolean';
  operators: readonly ('eq' | 'ne' | 'ge' | 'le' | 'gt' | 'lt' | 'startsWith')[];
}
/** By property path, for example `status/errorCode`, or `targetResources/any/id` inside a lambda. */
export type Filterables = Readonly<Record<string, Filterable>>;
export type Predicate = (row: unknown) => boolean;

/** The clause is well-formed, and this resource does not support it: `Request_UnsupportedQuery`. */
export class UnsupportedFilter extends Error {}
/** The clause is not OData: `BadRequest`. */
export class MalformedFilter extends Error {}

/** Longest clause looked at; Graph's own bound is the URL's. */
const maxClauseCharacters = 2_000;
const tokenPattern = /\s*(?:(\(|\)|,|:)|'((?:[^']|'')*)'|([^\s(),:']+(?::\d[^\s(),']*)*))/y;

interface Token {
  kind: 'punctuation' | 'text' | 'word';
  value: string;
}

/**
 * Parses the subset of OData that these resources document: eq, ne, ge, le, gt, lt, and, or, startsWith,
 * parentheses, and `collection/any(x: …)`. Throws `UnsupportedFilter` or `MalformedFilter`.
 */
export function parseFilter(clause: string, filterables: Filterables): Predicate {
  const parser = new Parser(tokensOf(clause), filterables);
  const predicate = parser.disjunction('');
  parser.end();
  return predicate;
}

class Parser {
  private at = 0;

  constructor(
    private readonly tokens: readonly Token[],
    private readonly filterables: Filterables,
  ) {}

  end(): void {
    if (this.at < this.tokens.length)
      throw new MalformedFilter(`unexpected '${this.tokens[this.at]?.value}'`);
  }

  disjunction(lambda: string): Predicate {
    let left = this.conjunction(lambda);
    while (this.takeWord('or')) {
      const [a, b] = [left, this.conjunction(lambda)];
      left = (row) => a(row) || b(row);
    }
    return left;
  }

  private conjunction(lambda: string): Predicate {
    let left = this.term(lambda);
    while (this.takeWord('and')) {
      const [a, b] = [left, this.term(lambda)];
      left = (row) => a(row) && b(row);
    }
    return left;
  }

  private term(lambda: string): Predicate {
    if (this.takePunctuation('(')) {
      const inner = this.disjunction(lambda);
      this.expect(')');
      return inner;
    }
    const word = this.word();
    if (word.toLowerCase() === 'startswith') return this.startsWith(lambda);
    if (word.endsWith('/any')) return this.any(word.slice(0, -'/any'.length));
    return this.comparison(this.property(word, lambda));
  }

  private startsWith(lambda: string): Predicate {
    this.expect('(');
    const { path, filterable } = this.property(this.word(), lambda);
    this.expect(',');
    const value = this.literal();
    this.expect(')');
    if (!filterable.operators.includes('startsWith')) throw new UnsupportedFilter(`startsWith on '${path}'`);
    if (typeof value !== 'string') throw new MalformedFilter('startsWith expects a string');
    return (row) =>
      String(valueAt(row, path) ?? '')
        .toLowerCase()
        .startsWith(value.toLowerCase());
  }

  private any(collection: string): Predicate {
    this.expect('(');
    const variable = this.word();
    this.expect(':');
    const inner = this.disjunction(`${collection}/${variable}`);
    this.expect(')');
    return (row) => {
      const items = valueAt(row, collection);
      return Array.isArray(items) && items.some(inner);
    };
  }

  private comparison({ path, filterable }: { path: string; filterable: Filterable }): Predicate {
    const operator = filterable.operators.find((known) => this.takeWord(known));
    if (operator === undefined) throw new UnsupportedFilter(`'${this.tokens[this.at]?.value}' on '${path}'`);
    const expected = this.literal(filterable.kind);
    return (row) => {
      const actual = comparable(valueAt(row, path), filterable.kind);
      if (operator === 'eq') return actual === expected;
      if (operator === 'ne') return actual !== expected;
      if (actual === null || expected === null) return false;
      if (operator === 'ge') return actual >= expected;
      if (operator === 'le') return actual <= expected;
      if (operator === 'gt') return actual > expected;
      return actual < expected;
    };
  }

  /** Inside a lambda `t/id` stands for `targetResources/any/id` in the list, and for `id` in the item. */
  private property(word: string, lambda: string): { path: string; filterable: Filterable } {
    const [collection = '', variable = ''] = lambda === '' ? [] : splitLast(lambda);
    const inItem = lambda !== '' && word.startsWith(`${variable}/`);
    const path = inItem ? word.slice(variable.length + 1) : word;
    const filterable = this.filterables[inItem ? `${collection}/any/${path}` : path];
    if (filterable === undefined || inItem !== (lambda !== '')) {
      throw new UnsupportedFilter(`property '${word}' cannot be filtered`);
    }
    return { path, filterable };
  }

  private literal(kind?: Filterable['kind']): string | number | boolean | null {
    const token = this.tokens[this.at++];
    if (token === undefined || token.kind === 'punctuation') throw new MalformedFilter('a value is missing');
    if (token.kind === 'text') {
      if (kind !== undefined && kind !== 'string') throw new MalformedFilter(`a ${kind} is not quoted`);
      return kind === undefined ? token.value : token.value.toLowerCase();
    }
    if (token.value === 'null') return null;
    if (kind === 'date' && !Number.isNaN(Date.parse(token.value))) return Date.parse(token.value);
    if (kind === 'number' && !Number.isNaN(Number(token.value))) return Number(token.value);
    if (kind === 'boolean' && /^(true|false)$/.test(token.value)) return token.value === 'true';
    throw new MalformedFilter(`'${token.value}' is not a ${kind ?? 'string'}`);
  }

  private word(): string {
    const token = this.tokens[this.at++];
    if (token?.kind !== 'word') throw new MalformedFilter(`unexpected '${token?.value ?? 'end'}'`);
    return token.value;
  }

  private takeWord(word: string): boolean {
    const token = this.tokens[this.at];
    const taken = token?.kind === 'word' && token.value === word;
    if (taken) this.at += 1;
    return taken;
  }

  private takePunctuation(mark: string): boolean {
    const token = this.tokens[this.at];
    const taken = token?.kind === 'punctuation' && token.value === mark;
    if (taken) this.at += 1;
    return taken;
  }

  private expect(mark: string): void {
    if (!this.takePunctuation(mark)) throw new MalformedFilter(`'${mark}' is missing`);
  }
}

function tokensOf(clause: string): Token[] {
  if (clause.length > maxClauseCharacters) throw new MalformedFilter('the clause is too long');
  const tokens: Token[] = [];
  const pattern = new RegExp(tokenPattern);
  const text = clause.trimEnd();
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text);
    if (match === null) throw new MalformedFilter('the clause cannot be read');
    const [, punctuation, quoted, word] = match;
    if (punctuation !== undefined) tokens.push({ kind: 'punctuation', value: punctuation });
    else if (quoted !== undefined) tokens.push({ kind: 'text', value: quoted.replaceAll("''", "'") });
    else if (word !== undefined) tokens.push({ kind: 'word', value: word });
  }
  return tokens;
}

function splitLast(path: string): [string, string] {
  const at = path.lastIndexOf('/');
  return [path.slice(0, at), path.slice(at + 1)];
}

function valueAt(row: unknown, path: string): unknown {
  return path.split('/').reduce<unknown>((value, name) => {
    if (typeof value !== 'object' || value === null) return undefined;
    return Object.entries(value).find(([key]) => key === name)?.[1];
  }, row);
}

/** The directory compares text without regard to case. */
function comparable(value: unknown, kind: Filterable['kind']): string | number | boolean | null {
  if (value === undefined || value === null) return null;
  if (kind === 'date') return Date.parse(String(value));
  if (kind === 'number') return Number(value);
  if (kind === 'boolean') return value === true;
  return String(value).toLowerCase();
}
