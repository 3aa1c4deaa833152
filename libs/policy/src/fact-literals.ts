/*
 * Strict validation knows that a fact is text, not which texts it can be. `context.facts.isVip == "Yes"` would pass and
 * never be true, and a forbid that is never true protects nobody. So every literal is checked against the fact table.
 */

export interface FactLiteral {
  fact: string;
  value: unknown;
}

const comparisons: readonly string[] = ['==', '!='];

/** Every `context.facts.x == literal`, `!=` and `[literals].contains(context.facts.x)` in Cedar's JSON form of a rule. */
export function factLiterals(node: unknown): FactLiteral[] {
  if (Array.isArray(node)) return node.flatMap(factLiterals);
  if (!isRecord(node)) return [];
  return Object.entries(node).flatMap(([operator, operands]) => [
    ...literalsOf(operator, operands),
    ...factLiterals(operands),
  ]);
}

/** Every x of `context.facts.x` in Cedar's JSON form. */
export function factsMentioned(node: unknown): Set<string> {
  const inside = typeof node === 'object' && node !== null ? Object.values(node) : [];
  const own = factNamed(node);
  return new Set([...(own === null ? [] : [own]), ...inside.flatMap((child) => [...factsMentioned(child)])]);
}

/** Whether an expression looks at the context only through single facts, and never at all of them together. */
export function asksSingleFacts(node: unknown): boolean {
  if (factNamed(node) !== null) return true;
  if (isRecord(node) && node['Var'] === 'context') return false;
  const inside = typeof node === 'object' && node !== null ? Object.values(node) : [];
  return inside.every(asksSingleFacts);
}

function literalsOf(operator: string, operands: unknown): FactLiteral[] {
  if (!isRecord(operands)) return [];
  const { left, right } = operands;
  const pairs = comparisons.includes(operator)
    ? [[left, right] as const, [right, left] as const]
    : operator === 'contains'
      ? [[right, left] as const]
      : [];
  return pairs.flatMap(([subject, literal]) => {
    const fact = factNamed(subject);
    return fact === null ? [] : values(literal).map((value) => ({ fact, value }));
  });
}

/** @returns x for `context.facts.x`. */
export function factNamed(node: unknown): string | null {
  const outer = attribute(node);
  const inner = outer && attribute(outer.of);
  const isFact = inner?.name === 'facts' && isRecord(inner.of) && inner.of['Var'] === 'context';
  return isFact ? outer!.name : null;
}

function attribute(node: unknown): { of: unknown; name: string } | null {
  const access = isRecord(node) ? node['.'] : undefined;
  return isRecord(access) && typeof access['attr'] === 'string'
    ? { of: access['left'], name: access['attr'] }
    : null;
}

function values(node: unknown): unknown[] {
  if (!isRecord(node)) return [];
  if ('Value' in node) return Array.isArray(node['Value']) ? node['Value'] : [node['Value']];
  return Array.isArray(node['Set']) ? node['Set'].flatMap(values) : [];
}

export const isRecord = (node: unknown): node is Record<string, unknown> =>
  typeof node === 'object' && node !== null && !Array.isArray(node);
