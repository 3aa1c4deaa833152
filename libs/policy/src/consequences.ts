import {
  actions,
  type CampaignFound,
  type Decision,
  type Evidence,
  type PagedRole,
  pagedRoles,
} from '@sallyport/evidence';
import { knownValue } from './reading';
import { type Rule } from './rule';

/** What the rules that fired ask for beside their ruling. */
export interface Consequences {
  page: PagedRole[];
  /** The cases that share a kind of detection are one group case. */
  groups: boolean;
}

/** Only forbids ask, and a forbid that fired is always among the rules of a ruling. */
export function consequencesOf(
  rulings: Decision['rulings'],
  ruleOf: (id: string) => Rule | undefined,
): Consequences {
  const fired = actions.flatMap((action) => rulings[action].rules.flatMap(({ id }) => ruleOf(id) ?? []));
  return {
    page: pagedRoles.filter((role) => fired.some((rule) => rule.page.includes(role))),
    groups: fired.some(({ groups }) => groups),
  };
}

/** The kind that most people share; of two as widespread the first by name, so that all of them find the same group. */
export function campaignOf({ campaign }: Evidence): CampaignFound | null {
  const kinds = knownValue(campaign)?.kinds ?? [];
  const [most] = [...kinds].sort((a, b) => b.users - a.users || (a.kind < b.kind ? -1 : 1));
  return most ? { kind: most.kind.slice(0, 200).toWellFormed(), users: most.users } : null;
}
