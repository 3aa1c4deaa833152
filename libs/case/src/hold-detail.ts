import { type Decision } from '@sallyport/evidence';

/** The first reasons say what matters; the ticket lists every rule anyway. */
const shownReasons = 3;

/** Rules whose reason is why others fired too, where the facts say so for certain; the first one first. */
const causes: readonly { rule: string; given: (facts: Decision['facts']) => boolean }[] = [
  { rule: 'hold-subject-unresolved', given: ({ subjectResolved }) => subjectResolved === 'no' },
  { rule: 'hold-account-not-found', given: ({ accountExists }) => accountExists === 'no' },
  { rule: 'hold-readings-incomplete', given: () => true },
  { rule: 'hold-readings-stale', given: () => true },
];
/** Stands before the other objections to a release, and after what holds the account whatever is asked. */
const releaseCause = 'release-readings-incomplete';

/** Why policy holds the case, in words, the cause before what follows from it. What could not be read is told apart. */
export function holdDetail(decision: Decision): string {
  if (decision.errors.length > 0)
    return `The policy could not be evaluated: ${decision.errors.join('; ')}`.slice(0, 900);
  const fired = [decision.rulings.release, decision.rulings.contain, decision.rulings.close]
    .flatMap(({ rules }) => rules)
    .filter(({ effect }) => effect === 'forbid');
  const sure = causes.filter(({ given }) => given(decision.facts)).map(({ rule }) => rule);
  const rank = (id: string): number => {
    if (sure.includes(id)) return sure.indexOf(id);
    if (id === releaseCause) return causes.length + 1;
    return id.startsWith('release-') ? causes.length + 2 : causes.length;
  };
  const ordered = fired.sort((a, b) => rank(a.id) - rank(b.id)).map(({ reason }) => reason);
  const [...unique] = new Set(ordered);
  if (unique.length === 0) return 'No rule permits an automatic course for this case.';
  const more = unique.length - shownReasons;
  return [
    ...unique.slice(0, shownReasons),
    ...(more > 0 ? [`And ${more} more rule(s), listed below.`] : []),
  ].join(' ');
}
