import { actions, type Action, pagedRoles, type Quorum, type Ruling } from '@sallyport/evidence';
import { z } from 'zod';
import { consequencesOf } from './consequences';
import { courseFor } from './decide';
import { factDocs, type Facts, factValueProblem, isFactName } from './fact-docs';
import { parseQuorum } from './obligations';
import { type Pack } from './pack';
import { type ProvablePack, provableRulings } from './provable-pack';
import { type Rule } from './rule';
import { type Rulings, rulingsFor } from './rulings';

/*
 * Tables that an auditor reads and extends without TypeScript: facts in, decision out. A case starts from a named base
 * (a complete, harmless set of facts) and says what is different about it.
 */

const factsSchema = z.record(z.string(), z.union([z.boolean(), z.int(), z.string()]));

export const basesSchema = z.record(
  z.string(),
  z.strictObject({ about: z.string(), from: z.string().optional(), facts: factsSchema }),
);
export type Bases = z.infer<typeof basesSchema>;

const expectedRulingSchema = z.strictObject({
  effect: z.enum(['permit', 'deny']),
  immediate: z.boolean().default(false),
  /** As in `@approvals`; left out: nobody. */
  quorum: z.string().default(''),
  /** Whether a person looks at what was contained; left out: whichever. */
  review: z.boolean().optional(),
  /** Every rule that decided, no more and no less; left out: whichever. */
  rules: z.array(z.string().regex(/^[a-z0-9-]+$/, 'is the @id of a rule')).optional(),
});

export const tableSchema = z.strictObject({
  cases: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        base: z.string(),
        facts: factsSchema.default({}),
        expect: z.strictObject({
          course: z.enum(['act', 'close', 'hold']).optional(),
          contain: expectedRulingSchema.optional(),
          release: expectedRulingSchema.optional(),
          close: expectedRulingSchema.optional(),
          /** Roles that are called, and whether it becomes one of a group case; left out: whichever. */
          page: z.array(z.enum(pagedRoles)).optional(),
          group: z.boolean().optional(),
        }),
      }),
    )
    .min(1)
    .max(500),
});
export type Table = z.infer<typeof tableSchema>;
export type TableCase = Table['cases'][number];

/** @returns what the pack decides otherwise than the case expects, in words; empty where they agree. */
export function checkTableCase(row: TableCase, bases: Bases, pack: Pack): string[] {
  return rowDifferences(
    row,
    bases,
    (facts) => rulingsFor(facts, pack),
    (id) => pack.rules.get(id),
  );
}

/** The same by the evaluation that proofs use: a thousand times faster, for trying out changed rules. */
export function rowProblems(row: TableCase, bases: Bases, pack: ProvablePack): string[] {
  return rowDifferences(
    row,
    bases,
    (facts) => ({ rulings: provableRulings(facts, pack), errors: [] }),
    (id) => pack.rules.find(({ rule }) => rule.id === id)?.rule,
  );
}

function rowDifferences(
  row: TableCase,
  bases: Bases,
  rule: (facts: Facts) => Rulings,
  ruleOf: (id: string) => Rule | undefined,
): string[] {
  const facts = tableFacts(row, bases);
  if (Array.isArray(facts)) return facts;
  const ruled = rule(facts);
  const { course } = courseFor(ruled);
  return [
    ...ruled.errors,
    ...(row.expect.course === undefined || course === row.expect.course
      ? []
      : [`course: expected ${row.expect.course}, decided ${course}`]),
    ...actions.flatMap((action) => rulingDifference(action, row, ruled.rulings[action])),
    ...consequenceDifferences(row, ruled, ruleOf),
  ];
}

function consequenceDifferences(
  { expect }: TableCase,
  { rulings }: Rulings,
  ruleOf: (id: string) => Rule | undefined,
): string[] {
  const { page, group } = expect;
  if (page === undefined && group === undefined) return [];
  const found = consequencesOf(rulings, ruleOf);
  return [
    ...(page !== undefined && [...page].sort().join() !== [...found.page].sort().join()
      ? [`page: expected [${page.join(', ')}], decided [${found.page.join(', ')}]`]
      : []),
    ...(group !== undefined && group !== found.groups
      ? [`group: expected ${group}, decided ${found.groups}`]
      : []),
  ];
}

/** @returns the complete facts of a case, or what is wrong with its names and values. */
export function tableFacts(row: Pick<TableCase, 'base' | 'facts'>, bases: Bases): Facts | string[] {
  const chain = baseChain(row.base, bases);
  if (chain === null) return [`there is no base ${row.base}, or its bases go in a circle`];
  const merged: Record<string, unknown> = Object.assign({}, ...chain, row.facts);
  const problems = Object.entries(merged).flatMap(([name, value]) =>
    isFactName(name) ? (factValueProblem(name, value) ?? []) : [`there is no fact ${name}`],
  );
  for (const name of Object.keys(factDocs))
    if (!Object.hasOwn(merged, name)) problems.push(`${name} is missing`);
  return problems.length > 0 ? problems : (merged as Facts);
}

/** The facts of a base and of those it builds on, the first one first. */
function baseChain(
  name: string,
  bases: Bases,
  seen: readonly string[] = [],
): Bases[string]['facts'][] | null {
  const base = Object.hasOwn(bases, name) ? bases[name] : undefined;
  if (!base || seen.includes(name)) return null;
  if (base.from === undefined) return [base.facts];
  const earlier = baseChain(base.from, bases, [...seen, name]);
  return earlier && [...earlier, base.facts];
}

function rulingDifference(action: Action, { expect }: TableCase, ruling: Ruling): string[] {
  const wanted = expect[action];
  if (!wanted) return [];
  const quorum = wanted.quorum === '' ? [] : parseQuorum(wanted.quorum);
  if (quorum === null) return [`${action}: "${wanted.quorum}" is not a quorum`];
  const shown = (
    effect: string,
    immediate: boolean,
    asked: Quorum,
    review: boolean | undefined,
    rules: readonly string[],
  ) =>
    [
      effect,
      ...(immediate ? ['at once'] : []),
      ...(asked.length > 0 ? [`after ${asked.map(({ role, count }) => `${role}:${count}`).join(', ')}`] : []),
      ...(wanted.review === undefined ? [] : [review ? 'with a review' : 'without a review']),
      ...(wanted.rules ? [`by ${[...rules].sort().join(', ') || 'no rule'}`] : []),
    ].join(' ');
  const expected = shown(wanted.effect, wanted.immediate, quorum, wanted.review, wanted.rules ?? []);
  const decided = shown(
    ruling.effect,
    ruling.immediate,
    ruling.quorum,
    ruling.rules.some(({ review }) => review),
    ruling.rules.map(({ id }) => id),
  );
  return expected === decided ? [] : [`${action}: expected ${expected}, decided ${decided}`];
}
