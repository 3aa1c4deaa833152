import type { CaseEvent, Digest, EventOf, Instant, PlanSlot } from '@sallyport/evidence';
import type { ActionRecord, Case, EarlierRelease, Execution, Phase, UnadvisedCase } from './case';
import { stepWords } from './words';

/** How often a person may have one case tried again. What has failed so often needs another remedy. */
export const maxRetries = 10;

/** The same where nothing has been read yet, and a retry is all that can be done. It keeps the log short of its bound. */
export const maxUnreadRetries = 100;

/** Evidence that is older than this is not shown to people as the ground of a new question. */
export const askAgainWithinMs = 30 * 60_000;

/**
 * Where a retry goes on, by the phase that gave the case to a person. Only what changes no account and rests on nothing
 * that may have changed is taken up where it stopped; everything else starts from fresh evidence, is decided anew and
 * asks for a new approval. null: no phase that gives up.
 */
const resumeOf: Readonly<Record<Phase, Phase | null>> = {
  opened: 'opened',
  collected: 'opened',
  // Only the note on the ticket is missing: it tells what is done, and that stays true.
  linked: 'linked',
  settled: 'settled',
  recorded: 'recorded',
  containing: 'opened',
  advising: 'opened',
  asking: 'opened',
  // Nobody could be told: the same question again, while its evidence is young; see `resumesAt`.
  posting: 'asking',
  voting: 'opened',
  tallied: 'opened',
  executing: 'opened',
  // The release is done; what is missing is a note, or another look at the risk.
  watchOpened: 'watchOpened',
  watching: 'watching',
  alarmed: 'opened',
  alarmPosted: 'opened',
  rechecking: 'opened',
  stuck: 'opened',
  reviewOpened: null,
  reviewPosted: null,
  inReview: null,
  reviewEnded: null,
  reviewEndPosted: null,
  closed: null,
};

/** Where a retry of the open review goes on at `at`, once nothing is in doubt. Null where no review is open. */
export function resumesAt({ review, evidence }: UnadvisedCase, at: Instant): Phase | null {
  const to = review && resumeOf[review.from];
  if (to !== 'asking') return to;
  const ageMs = Date.parse(at) - Date.parse(evidence?.collectedAt ?? '');
  return ageMs <= askAgainWithinMs ? 'asking' : 'opened';
}

/** A write that may have taken effect: begun, and neither proven nor certainly refused. Never begun again by itself. */
export function inDoubt({ outcome, dryRun }: ActionRecord): boolean {
  return !dryRun && (outcome === null || outcome === 'unknown');
}

/** Every write of the case that is in doubt. */
export function doubtsOf({
  immediate,
  proposed,
}: Pick<Case, 'immediate' | 'proposed'>): { slot: PlanSlot; action: ActionRecord }[] {
  return [immediate, proposed].flatMap((run) =>
    run ? run.actions.filter(inDoubt).map((action) => ({ slot: run.slot, action })) : [],
  );
}

/** The write that is to be read back now, for a person's retry, or null. */
export function nextToRecheck(c: UnadvisedCase): { slot: PlanSlot; action: ActionRecord } | null {
  if (c.phase !== 'rechecking') return null;
  return doubtsOf(c).find(({ action }) => c.retry.toLook.includes(action.key)) ?? null;
}

/** The case after Teams and the ticket were told that somebody ended the review. */
export function afterReview(c: Case, at: Instant): Partial<Case> {
  const ended = c.review?.ended;
  if (ended?.resolution !== 'retry') return { phase: 'recorded' };
  const doubts = doubtsOf(c);
  const freed = doubts.filter(({ slot, action }) =>
    ended.steps.some((said) => said.slot === slot && said.step === action.step && !said.done),
  );
  const retry = {
    count: c.retry.count + 1,
    toLook: doubts.map(({ action }) => action.key),
    freed: [...c.retry.freed, ...freed.map(({ action }) => action.key)],
  };
  if (doubts.length > 0) return { phase: 'rechecking', retry };
  return { ...resumed(c, at), retry };
}

/**
 * One write in doubt was read back. When the last one was: what is proven counts, what a person has said did not happen
 * may be begun anew under a new key, and anything else goes back to a person.
 * @returns null for an event that is about nothing to be read back
 */
export function afterRecheck(c: Case, event: EventOf<'action.finished'>): Partial<Case> | null {
  const { slot, key, attempt, outcome, detail, at } = event;
  const open = doubtsOf(c).find(({ action }) => action.key === key && action.attempt === attempt);
  const judged = outcome === 'applied' || outcome === 'unknown';
  if (!open || open.slot !== slot || !judged || !c.retry.toLook.includes(key)) return null;
  const action = { ...open.action, outcome, detail, finishedAt: at };
  const looked: Case = {
    ...c,
    immediate: withAction(c.immediate, open.action, action),
    proposed: withAction(c.proposed, open.action, action),
    retry: { ...c.retry, toLook: c.retry.toLook.filter((left) => left !== key) },
  };
  const { immediate, proposed, retry } = looked;
  if (retry.toLook.length > 0) return { immediate, proposed, retry };
  return { immediate, proposed, retry, ...settled(looked, at) };
}

function settled(c: Case, at: Instant): Partial<Case> {
  const still = doubtsOf(c).filter(({ action }) => !c.retry.freed.includes(action.key));
  if (still.length > 0) {
    const words = still.map(({ action }) => stepWords[action.step]).join('; ');
    const detail = `Looked at again, and it still does not show: ${words}.`;
    return { phase: 'stuck', review: null, stuck: { stage: 'executor', reason: 'actionUnknown', detail } };
  }
  const { immediate, proposed } = c;
  if (proposed && allApplied(proposed)) {
    // Nothing but the proof was missing: there is nothing to approve any more, and nothing left to begin.
    return { phase: 'executing', review: null, proposed: { ...proposed, result: null, detail: null } };
  }
  const contained =
    immediate && allApplied(immediate) ? { ...immediate, result: 'done' as const } : immediate;
  return resumed({ ...c, immediate: contained }, at);
}

const allApplied = ({ plan, actions }: Execution) =>
  plan.steps.every((step) => actions.some((action) => action.step === step && action.outcome === 'applied'));

function withAction(run: Execution | null, before: ActionRecord, after: ActionRecord): Execution | null {
  return run && { ...run, actions: run.actions.map((action) => (action === before ? after : action)) };
}

function resumed(c: Case, at: Instant): Partial<Case> {
  const phase = resumesAt(c, at) ?? 'opened';
  if (phase === 'asking') return { phase, review: null, round: 0, proposal: null };
  if (phase !== 'opened') return { phase, review: null };
  const left: EarlierRelease | null = hasLoosened(c.proposed)
    ? { subjectId: c.subjectId, run: c.proposed, endedBy: 'retry' }
    : null;
  return {
    phase,
    round: 0,
    review: null,
    primaryCaseId: null,
    proposal: null,
    proposed: null,
    immediate: proven(c.immediate),
    voided: null,
    earlier: left ?? c.earlier,
    earlierByRetry: left ?? c.earlierByRetry,
    watch: null,
    alarms: 0,
  };
}

/** Whether anything of a release is proven: the account is no longer as the next evidence would let one think. */
function hasLoosened(run: Execution | null): run is Execution {
  return run?.plan.action === 'release' && run.actions.some(({ outcome }) => outcome === 'applied');
}

/** What an alarm must not forget of the release that it ends: one that was carried out as a whole leaves nothing. */
export function endedByAlarm({ subjectId, proposed }: Case): EarlierRelease | null {
  if (!hasLoosened(proposed)) return null;
  const isWhole = allApplied(proposed) && proposed.plan.manualSteps.length === 0;
  return isWhole ? null : { subjectId, run: proposed, endedBy: 'alarm' };
}

/**
 * What is left of a release that a retry or an alarm has given up. Null once anything newer was asked or released, or the account was
 * contained: to finish it by hand would then undo what came later.
 */
export function leftOfRelease({
  earlier,
  immediate,
  proposed,
  proposal,
}: UnadvisedCase): EarlierRelease | null {
  if (!earlier || proposed || proposal) return null;
  const contained = immediate?.actions.some(({ dryRun }) => !dryRun) ?? false;
  return contained && immediate && immediate.begunSeq > earlier.run.begunSeq ? null : earlier;
}

/** What is proven of a containment stands, and is not begun again without new risk. */
function proven(run: Execution | null): Execution | null {
  if (run?.result === 'done') return run;
  const actions = run?.actions.filter(({ outcome }) => outcome === 'applied') ?? [];
  return run && actions.length > 0 ? { ...run, actions, result: null, detail: null } : null;
}

/** @returns a write in doubt that `after` knows nothing of any more, although nobody has said that it did not happen */
export function lostDoubt(before: Case, after: Case, event: CaseEvent): Digest | null {
  if (before.immediate === after.immediate && before.proposed === after.proposed) return null;
  const known = [after.immediate, after.proposed].flatMap((run) => run?.actions.map(({ key }) => key) ?? []);
  const lost = doubtsOf(before).find(
    ({ action: { key } }) => !known.includes(key) && !after.retry.freed.includes(key) && !proves(event, key),
  );
  return lost?.action.key ?? null;
}

const proves = (event: CaseEvent, key: Digest): boolean =>
  event.type === 'action.finished' && event.key === key && event.outcome === 'applied';
