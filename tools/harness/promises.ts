/** What must hold whatever goes wrong, judged from the log and the outside alone. */
import { type Case, findChainFault, foldCase, type Execution, maxAttempts, stepWords } from '@sallyport/case';
import type { ActionOutcome, CaseEvent, StepKind } from '@sallyport/evidence';
import { canonicalJson } from '@sallyport/idempotency';
import { type Electorate, notAllowed, ticketStateOf } from '../allowed';
import type { Fate } from './life';
import type { MemoryStore } from './memory-log';
import { caller, manager, outage, people, refusals, second, subject, type Write } from './outside';
import { needsAPerson } from './excuses';
import type { Played, Story } from './play';

/** The directory in memory says the same in its own words. */
const electorate: Electorate = {
  holders: { secops: [people.ada, people.bob], manager: [manager] },
  involved: [subject, second, caller],
};

/** At the moment of a write to the directory: is it announced, and did somebody allow it? @returns why not */
export function unfoundedWrite(step: StepKind, about: string, store: MemoryStore): string[] {
  for (const { case: c } of store.heads.values()) {
    if (c.subjectId !== about) continue;
    const run = c.phase === 'containing' ? c.immediate : c.phase === 'executing' ? c.proposed : null;
    if (!run?.actions.some((action) => action.step === step && action.outcome === null)) continue;
    const events = store.eventsOf(c.id);
    const why = notAllowed(events, { slot: run.slot, step }, electorate);
    return why ? [`${step}: ${why}`] : [];
  }
  return [`${step}: no case has announced it`];
}

/** @returns every promise that this play broke, in words */
export function brokenPromises(story: Story, { ground, cases, unfounded }: Played): string[] {
  const { outside, store } = ground;
  const broken = [...unfounded];
  const check = (holds: boolean, otherwise: string) => void (holds || broken.push(otherwise));

  const idOf = (write: Write) => `${write.clientRequestId} ${write.subjectId}`;
  for (const id of new Set(outside.writes.map(idOf))) {
    const calls = outside.writes.filter((write) => idOf(write) === id);
    const sent = calls.filter((call) => !call.throttled).length;
    check(sent <= 1, `${calls[0]?.step} was called ${sent} times`);
    check(calls.length <= maxAttempts, `${calls[0]?.step} was tried ${calls.length} times`);
  }
  const retries = cases
    .flatMap((c) => store.eventsOf(c.id))
    .filter(({ type }) => type === 'review.resolved').length;
  for (const one of new Set(outside.writes.map(({ step, subjectId }) => `${step} ${subjectId}`))) {
    const [step] = one.split(' ');
    const applied = outside.writes.filter(
      (write) => `${write.step} ${write.subjectId}` === one && write.applied,
    ).length;
    // Containing again what a person had tried again loses nothing, and is right where new risk cannot be ruled out.
    const again = step === 'revokeSessions' || step === 'forcePasswordChange' ? retries : 0;
    check(applied <= 1 + again, `${step} took effect ${applied} times`);
  }
  for (const c of cases) {
    broken.push(...dishonest(c, outside), ...wrongEnd(story, c, ground.fate));
    broken.push(...wrongTicket(c, ground), ...unclearReview(c, ground), ...brokenChain(c, store));
  }
  if (cases.some((c) => store.eventsOf(c.id).some(ordersContainment))) {
    const done = cases.some((c) => c.immediate?.result === 'done');
    const told = cases.some((c) => c.phase === 'inReview');
    check(done || told, 'a containment was lost');
  }
  return broken;
}

const ordersContainment = (event: CaseEvent) =>
  event.type === 'policy.decided' && event.decision.immediate !== null;

/** The ledger says no more than is so, and no less where it is sure. */
function dishonest(c: Case, outside: Played['ground']['outside']): string[] {
  const runs = [c.immediate, c.proposed].filter((run): run is Execution => run !== null);
  return runs.flatMap(({ actions }) =>
    actions.flatMap(({ step, outcome }) => {
      if (outcome === 'applied' && !outside.shows(step, c.subjectId ?? ''))
        return [`${step} is said to be applied and is not`];
      if ((outcome === 'refused' || outcome === 'throttled') && outside.shows(step, c.subjectId ?? ''))
        return [`${step} is said to be ${outcome} and is applied`];
      return [];
    }),
  );
}

/** A case ends as its story says; with a person instead only where a trouble came that only a person can judge. */
function wrongEnd({ ends }: Story, c: Case, fate: Fate): string[] {
  const end = c.phase === 'inReview' ? 'manualReview' : (c.outcome ?? c.phase);
  if (ends.includes(end) || (end === 'manualReview' && needsAPerson(fate))) return [];
  return [`ended as ${end}${c.review ? `, ${c.review.reason}: ${c.review.detail}` : ''}`];
}

/**
 * Each note once, the last one as the case ended, and the state that fits. A closing note whose answer was lost, and
 * which could not be looked for afterwards, is followed by that of the review. Two workers at the same moment can both
 * find that a note is missing and both write it: the Table API knows no condition on a write.
 */
function wrongTicket(c: Case, { outside, fate, store }: Played['ground']): string[] {
  const notes = outside.notes
    .filter(({ value }) => value.includes(`case ${c.id},`))
    .map(({ value }) => value);
  const different = [...new Set(notes)];
  const said = different.map((value) => value.split('\n')[0]).join(' | ');
  const doubled = fate.met.some(({ what }) => what === 'twice at once');
  const review = c.phase === 'inReview';
  if (notes.length > different.length && !doubled) return [`the same note ${notes.length} times: ${said}`];
  // A release is told when it begins to be watched, and an alarm before what follows from it.
  // Each review that a person ended has two: that it is opened, and how it ended.
  const events = store.eventsOf(c.id);
  const endings = events.filter(({ type }) => type === 'review.resolved').length;
  const told = (c.watch ? 1 : 0) + (c.watch?.told ? 1 : 0) + 2 * endings;
  // What the instance refused for good, the log and the console say instead.
  if (events.some((event) => event.type === 'ticket.updated' && event.failure !== undefined)) return [];
  if (different.length === 0 || different.length > (review ? 2 : 1) + told)
    return [`notes on the ticket: ${said}`];
  if (review !== different.at(-1)?.includes('PENDING MANUAL REVIEW')) return [`the ticket says: ${said}`];
  const state = outside.tickets.get(c.opened.ticketSysId)?.['state'];
  const expected = ticketStateOf(c);
  return state === expected ? [] : [`the ticket is in state ${state} instead of ${expected}`];
}

/** Whoever gets a case is told in Teams, has a list of what to do, and reads what is done, what is not and what is unknown. */
function unclearReview(c: Case, { outside, store, fate }: Played['ground']): string[] {
  const events = store.eventsOf(c.id);
  const broken: string[] = [];
  for (const [at, event] of events.entries()) {
    if (event.type !== 'review.opened') continue;
    if (event.checklist.length === 0) broken.push('a review without a checklist');
    const notice = events
      .slice(at)
      .find((later) => later.type === 'notice.posted' && later.kind === 'review');
    const untold = fate.met.some(({ what }) => what.endsWith(outage) || refusals.includes(what));
    if (notice?.type !== 'notice.posted') broken.push('Teams was not told of a review');
    else if (notice.messages.length === 0 && !untold) broken.push(`Teams was not told: ${notice.failure}`);
  }
  const note = outside.notes.findLast(({ value }) => value.includes(`case ${c.id},`))?.value ?? '';
  // What the instance refused for good, the log and the console say instead.
  const refused = events.some((event) => event.type === 'ticket.updated' && event.failure !== undefined);
  if (c.phase !== 'inReview' || refused) return broken;
  for (const [step, outcome] of halfReleased(events)) {
    if (!note.includes(`- ${stepWords[step]}: ${saidOf[outcome]}`))
      broken.push(`the note does not say of ${step}, before new risk, that it is ${outcome}`);
  }
  for (const run of [c.immediate, c.proposed]) {
    for (const step of run?.plan.steps ?? []) {
      const action = run?.actions.find((one) => one.step === step);
      const state = action ? saidOf[action.outcome ?? 'open'] : 'not attempted';
      if (!note.includes(`- ${stepWords[step]}: ${state}`))
        broken.push(`the note does not say of ${step} that it is ${state}`);
    }
    for (const { instruction } of run?.plan.manualSteps ?? [])
      if (!note.includes(instruction)) broken.push(`the note does not say: ${instruction}`);
  }
  return broken;
}

/** What was done of a release that new risk ended half done, where nothing has been begun or asked since. */
function halfReleased(events: readonly CaseEvent[]): ReadonlyMap<StepKind, ActionOutcome> {
  const alarmedAt = events.findLastIndex(({ type }) => type === 'watch.alarmed');
  const since = events.slice(alarmedAt + 1).map(({ type }) => type);
  if (alarmedAt < 0 || since.includes('action.started') || since.includes('approval.requested'))
    return new Map();
  const outcomes = new Map(
    events
      .slice(0, alarmedAt)
      .flatMap((event) =>
        event.type === 'action.finished' && event.slot === 'proposed'
          ? [[event.step, event.outcome] as const]
          : [],
      ),
  );
  return [...outcomes.values()].every((outcome) => outcome === 'applied') ? new Map() : outcomes;
}

const saidOf: Readonly<Record<string, string>> = {
  applied: 'applied',
  refused: 'refused',
  throttled: 'throttled',
  unknown: 'unknown',
  open: 'started, outcome not known',
  dryRun: 'would have been called (dry run)',
};

function brokenChain(c: Case, store: MemoryStore): string[] {
  const head = store.heads.get(c.id);
  const links = store.linksOf(c.id);
  const fault = findChainFault(c.id, links, { seq: c.seq, hash: head?.hash ?? '' });
  if (fault) return [`event ${fault.seq}: ${fault.fault}`];
  const again = foldCase(links.map(({ event }) => event));
  return canonicalJson(again) === canonicalJson(c) ? [] : ['the log folds to another case'];
}
