import type {
  ApproverRole,
  EndingRefusal,
  EventOf,
  Instant,
  PlanSlot,
  Resolution,
  StepKind,
  StepStatement,
  Untrusted,
} from '@sallyport/evidence';
import { isVoter, requesterIds, type Unverified, type Voter, type VoterRights } from './approval';
import { maxRefusals, type Review, type UnadvisedCase } from './case';
import { doubtsOf, leftOfRelease, maxRetries, maxUnreadRetries } from './retry';

/** What a person asks for on the page of a case in review. */
export interface Ending {
  personId: string;
  /** `openedSeq` of the review that the page showed. */
  reviewSeq: number;
  resolution: Resolution;
  note: Untrusted;
  steps: readonly StepStatement[];
  at: Instant;
}

/** What the person is told, and nobody else. */
export const endingRefusalWords: Readonly<Record<EndingRefusal, string>> = {
  notReady: 'One moment: Teams and the ticket are still being told of this review. Try again in a minute.',
  ended: 'This review has been ended already. Nothing was changed by you. Look at the case again.',
  otherReview: 'The case has moved on to another review since this page was made. Look at it again.',
  noteMissing: 'Say in a few words what you did or why: it is stored and written to the ticket.',
  stepsOpen: 'Say for every open step whether it is done. Nothing was changed.',
  otherSteps: 'The open steps have changed since this page was made. Look at the case again.',
  tooManyRetries: 'This case has been tried again too often. Do what is left by hand, and end it so.',
  nothingRead:
    'Nobody knows yet whom this case is about, so nobody knows whether you may end it. Have it tried again.',
  subjectBusy: 'Another open case looks at this user now. End this one by hand, or wait for the other.',
  subject: 'This case is about you, so somebody else has to end it.',
  requester: 'You asked for this, so somebody else has to end it.',
  accountDisabled: 'Your account is disabled in the directory.',
  guest: 'Guests cannot end a review.',
  atRisk: 'Your own account is flagged as risky at the moment. Please ask a colleague.',
  reportsToSubject: 'This case is about somebody you report to, so somebody else has to end it.',
  noRole: 'None of the roles that may end a review is yours.',
  unknownPerson:
    'The directory does not know your account any more, or not yet, so nothing was changed. Please ask a colleague.',
  unverified: 'Your rights could not be checked just now, so nothing was changed. Try again in a minute.',
};

/** Nothing to write. `repeated`: the same person has ended it in the same way before. */
export type NoEnding = { kind: 'repeated' } | { kind: 'refused'; refusal: EndingRefusal };
export type EndingResult = { kind: 'accepted'; event: EventOf<'review.resolved'> } | NoEnding;

/** Steps of what was carried out or asked that are not proven, by hand ones included: what a person answers for. */
export function openSteps(c: UnadvisedCase): { slot: PlanSlot; step: StepKind }[] {
  const { immediate, proposed, proposal } = c;
  // What a retry has left of a release is still a person's to answer for.
  const release = proposed ?? leftOfRelease(c)?.run ?? null;
  const plans = [
    { slot: 'immediate', plan: immediate?.plan, actions: immediate?.actions ?? [] },
    { slot: 'proposed', plan: release?.plan ?? proposal?.plan, actions: release?.actions ?? [] },
  ] as const;
  return plans.flatMap(({ slot, plan, actions }) => {
    const applied = actions.filter(({ outcome }) => outcome === 'applied').map(({ step }) => step);
    const steps = [...(plan?.steps ?? []), ...(plan?.manualSteps ?? []).map(({ kind }) => kind)];
    return [...new Set(steps)].filter((step) => !applied.includes(step)).map((step) => ({ slot, step }));
  });
}

/**
 * Whether the case can only be tried again. Before the ticket was read nobody knows whom it is about and who asked for
 * it, and it may be the person who ends it. Of a case that is linked another one takes care.
 */
export function canOnlyBeRetried({ evidence, primaryCaseId }: UnadvisedCase): boolean {
  return evidence === null && primaryCaseId === null;
}

/** What is wrong with an ending in itself, whoever asks for it; null for nothing. */
export function endingFlaw(
  c: UnadvisedCase,
  { resolution, note, steps }: Pick<Ending, 'resolution' | 'note' | 'steps'>,
): EndingRefusal | null {
  if (note.untrusted.trim() === '') return 'noteMissing';
  const unread = canOnlyBeRetried(c);
  if (unread && resolution !== 'retry') return 'nothingRead';
  const keys = steps.map(keyOf);
  const doubled = new Set(keys).size < keys.length;
  switch (resolution) {
    case 'retry': {
      if (c.retry.count >= (unread ? maxUnreadRetries : maxRetries)) return 'tooManyRetries';
      const doubts = doubtsOf(c).map(({ slot, action }) => keyOf({ slot, step: action.step }));
      const fit = steps.every((said) => !said.done && doubts.includes(keyOf(said)));
      return fit && !doubled ? null : 'otherSteps';
    }
    case 'doneByHand': {
      const open = openSteps(c).map(keyOf);
      if (doubled || keys.some((key) => !open.includes(key))) return 'otherSteps';
      return keys.length < open.length ? 'stepsOpen' : null;
    }
    case 'close':
      return steps.length > 0 ? 'otherSteps' : null;
  }
}

const keyOf = ({ slot, step }: { slot: PlanSlot; step: StepKind }) => `${slot} ${step}`;

/** What can be said before the directory is asked about the person; null where it depends on their rights. */
export function endingRefusalBeforeRights(c: UnadvisedCase, ending: Ending): NoEnding | null {
  const refuse = (refusal: EndingRefusal): NoEnding => ({ kind: 'refused', refusal });
  const { review } = c;
  const personId = ending.personId.toLowerCase();
  if (review && review.openedSeq !== ending.reviewSeq) return refuse('otherReview');
  if (review?.ended?.personId === personId && review.ended.resolution === ending.resolution)
    return { kind: 'repeated' };
  if (!review || review.ended) return refuse('ended');
  if (c.phase !== 'inReview') return refuse('notReady');
  if (personId === c.subjectId) return refuse('subject');
  if (requesterIds(c).includes(personId)) return refuse('requester');
  const flaw = endingFlaw(c, ending);
  return flaw && refuse(flaw);
}

/** What can be said before Identity Protection is asked whether the person is at risk; null where it depends on that. */
export function endingRefusalBeforeRisk(
  c: UnadvisedCase,
  ending: Ending,
  person: VoterRights | Unverified,
  allowed: readonly ApproverRole[],
): NoEnding | null {
  const early = endingRefusalBeforeRights(c, ending);
  const objection = endingObjection(person, ending.personId, allowed);
  return early ?? (objection && { kind: 'refused', refusal: objection });
}

/**
 * The rules of who may end a review: a member of one of the roles, with a clean account, who neither is the user nor
 * reports to them nor asked for it.
 *
 * @param allowed roles that may end a review
 */
export function endReview(
  c: UnadvisedCase,
  ending: Ending,
  person: Voter | Unverified,
  allowed: readonly ApproverRole[],
): EndingResult {
  const early = endingRefusalBeforeRisk(c, ending, person, allowed);
  if (early) return early;
  if (!isVoter(person)) return { kind: 'refused', refusal: 'unverified' };
  if (person.atRisk) return { kind: 'refused', refusal: 'atRisk' };
  const { resolution, note, steps, at } = ending;
  return {
    kind: 'accepted',
    event: {
      ...{ type: 'review.resolved', v: 1, at, resolution, note, steps: [...steps] },
      personId: ending.personId.toLowerCase(),
      personName: person.name,
      roles: person.roles.filter((role) => allowed.includes(role)),
    },
  };
}

function endingObjection(
  person: VoterRights | Unverified,
  personId: string,
  allowed: readonly ApproverRole[],
): EndingRefusal | null {
  if (person === 'unknownPerson') return person;
  if (!person || person.id.toLowerCase() !== personId.toLowerCase()) return 'unverified';
  if (!person.accountEnabled) return 'accountDisabled';
  if (!person.member) return 'guest';
  if (person.reportsToSubject) return 'reportsToSubject';
  return person.roles.some((role) => allowed.includes(role)) ? null : 'noRole';
}

/** Refusals that say something about the person. Mistakes in a form and races say nothing worth keeping. */
const kept: ReadonlySet<EndingRefusal> = new Set([
  ...(['subject', 'requester', 'accountDisabled', 'guest', 'atRisk'] as const),
  ...(['reportsToSubject', 'noRole', 'unknownPerson'] as const),
]);

/** The event that a refused ending leaves behind, or null for none. */
export function endingRefusalEvent(
  { phase, review }: UnadvisedCase,
  { personId, resolution, at }: Ending,
  refusal: EndingRefusal,
): EventOf<'resolution.refused'> | null {
  const event = { type: 'resolution.refused', v: 1, at, personId: personId.toLowerCase() } as const;
  const isNew = review !== null && isNewEndingRefusal(review, { personId: event.personId, refusal });
  return phase === 'inReview' && isNew ? { ...event, resolution, refusal } : null;
}

/** A second try for the same reason tells nothing new, and a crowd must not fill the log. */
export function isNewEndingRefusal(
  { refused }: Pick<Review, 'refused'>,
  { personId, refusal }: Review['refused'][number],
): boolean {
  const told = refused.some((earlier) => earlier.personId === personId && earlier.refusal === refusal);
  return kept.has(refusal) && refused.length < maxRefusals && !told;
}
