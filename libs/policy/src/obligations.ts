import {
  type Action,
  actions as allActions,
  approverRoles,
  type ApproverRole,
  type PagedRole,
  pagedRoles,
  type Quorum,
  quorumSchema,
} from '@sallyport/evidence';

/** The strictest union: of each role the highest count that any rule asks for, in one fixed order of roles. */
export function strictestQuorum(quorums: readonly Quorum[]): Quorum {
  const counts = new Map<ApproverRole, number>();
  for (const { role, count } of quorums.flat()) counts.set(role, Math.max(counts.get(role) ?? 0, count));
  return approverRoles.flatMap((role) => {
    const count = counts.get(role);
    return count === undefined ? [] : [{ role, count }];
  });
}

/** @returns the quorum of `manager:1,secops:2`, or null for anything else; each role once, 1 to 5 people each. */
export function parseQuorum(text: string): Quorum | null {
  const slots = text.split(',').map((slot) => /^\s*([A-Za-z]+):([1-9])\s*$/.exec(slot));
  const parsed = quorumSchema.safeParse(slots.map((slot) => ({ role: slot?.[1], count: Number(slot?.[2]) })));
  if (!parsed.success) return null;
  const distinct = new Set(parsed.data.map(({ role }) => role)).size === parsed.data.length;
  return distinct && parsed.data.length > 0 ? strictestQuorum([parsed.data]) : null;
}

/** @returns the roles of `securityLead`, comma-separated, each once, or null for anything else. */
export function parsePage(text: string): PagedRole[] | null {
  const words = text.split(',').map((word) => word.trim());
  const roles = pagedRoles.filter((role) => words.includes(role));
  return roles.length > 0 && roles.length === words.length ? roles : null;
}

/** What a rule's annotations promise; see {@link obligationProblems}. */
export interface Obligations {
  effect: 'permit' | 'forbid';
  actions: readonly Action[];
  approvals: string | undefined;
  immediate: string | undefined;
  review: string | undefined;
  page: string | undefined;
  group: string | undefined;
}

type Problem = { message: string; remedy: string };

/** The one pack whose release rules may ask nobody. */
export const unaskedReleasePack = 'auto-low-risk';

/** @returns what contradicts itself or leaves an action without the people it needs. */
export function obligationProblems(rule: Obligations, pack: string): Problem[] {
  const { effect, actions, approvals, immediate, review, page, group } = rule;
  const problems: Problem[] = [];
  const say = (message: string, remedy: string) => problems.push({ message, remedy });

  if (approvals !== undefined && parseQuorum(approvals) === null)
    say(
      `@approvals("${approvals}") is not a quorum`,
      `write role:count pairs such as "manager:1,secops:1" with the roles ${approverRoles.join(', ')}, each once, 1 to 5 people`,
    );
  if (immediate !== undefined && immediate !== 'true')
    say(`@immediate("${immediate}") has no meaning`, 'write @immediate("true") or leave it out');
  if (review !== undefined && review !== 'true')
    say(`@review("${review}") has no meaning`, 'write @review("true") or leave it out');
  if (review !== undefined && (effect === 'forbid' || actions.some((action) => action !== 'contain')))
    say(
      '@review stands on a rule that is not a permit for containment',
      'remove it: it says that a person looks at what was contained; what is held waits for a person anyway',
    );
  if (page !== undefined && parsePage(page) === null)
    say(`@page("${page}") calls nobody`, `name the roles to call: ${pagedRoles.join(', ')}`);
  if (group !== undefined && group !== 'campaign')
    say(`@group("${group}") has no meaning`, 'write @group("campaign") or leave it out');
  if (effect === 'permit' && (page !== undefined || group !== undefined))
    say(
      'a permit calls people or makes a group case',
      'put @page and @group on a forbid: they say who looks at what is held',
    );
  if (effect === 'forbid' && page !== undefined && allActions.some((action) => !actions.includes(action)))
    say(
      '@page stands on a rule that does not forbid everything',
      `forbid ${allActions.join(', ')}: where one of them may go ahead, the case goes on and nobody is called`,
    );
  if (effect === 'forbid' && group !== undefined && !actions.includes('release'))
    say(
      '@group stands on a rule that does not forbid release',
      'add release to its actions: nobody of a group is released alone',
    );
  if (effect === 'forbid') {
    if (approvals !== undefined || immediate !== undefined)
      say(
        'a forbid carries an obligation',
        'remove @approvals and @immediate: what is forbidden needs nobody',
      );
    return problems;
  }
  if (actions.length > 1)
    say(
      'a permit names several actions',
      'write one permit for each action, since each has its own obligations',
    );
  if (approvals !== undefined && immediate !== undefined)
    say(
      '@approvals and @immediate contradict each other',
      'keep one: either people are asked or nobody waits',
    );
  if (immediate !== undefined && actions.some((action) => action !== 'contain'))
    say(
      '@immediate stands on a permit that is not containment',
      'remove it: only containment may go ahead unasked',
    );
  if (approvals !== undefined && actions.includes('close'))
    say('@approvals stands on a permit to close', 'remove it: closing changes no account and asks nobody');
  if (approvals === undefined && immediate === undefined && actions.includes('contain'))
    say(
      'a permit for containment says neither who approves nor that nobody waits',
      'add @approvals or @immediate("true")',
    );
  if (approvals === undefined && actions.includes('release') && pack !== unaskedReleasePack)
    say(
      'a permit for release asks nobody',
      `add @approvals; only the pack ${unaskedReleasePack} may release unasked`,
    );
  return problems;
}
