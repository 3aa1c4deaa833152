/**
 * The life of a case in the words of the design, as small as it can be said: where it stands, what may happen there,
 * and who acts next. Written from the design and not from the fold, which is on trial against it.
 */
import type { ReviewReason, Stage, StepKind } from '@sallyport/evidence';

export const voters = ['ada', 'bob', 'manager', 'stranger', 'subject'] as const;
export type VoterName = (typeof voters)[number];

/** What the detections say of whoever is in: nothing since, new risk, our own word that comes back, or nothing at all. */
export const findings = ['nothing new', 'new risk', 'our word', 'unreadable'] as const;
type Found = (typeof findings)[number];
/** Whom the ticket names. Somebody may correct it, even to one of those who vote. */
export const people = ['subject', 'ada'] as const;
type Person = (typeof people)[number];

export type Move =
  | { do: 'link' | 'advise' | 'ask' | 'notice' | 'close' | 'giveUp' | 'void' }
  | { do: 'collect'; about: Person; found: Found }
  | {
      do: 'decide';
      course: 'contain' | 'contain and ask' | 'ask' | 'hold' | 'close';
      /** For a person, once the rest is done: a step that only they can do, or a look before any release. */
      leaves: 'nothing' | 'a step' | 'a look';
    }
  | { do: 'vote'; voter: VoterName; choice: 'approve' | 'deny' }
  | { do: 'settle'; outcome: 'approved' | 'denied' | 'expired' }
  | { do: 'start'; step: StepKind; dry: boolean }
  | { do: 'answer'; step: StepKind }
  | { do: 'finish'; step: StepKind; outcome: Exclude<StepState['outcome'], null> }
  | { do: 'complete'; result: 'done' | 'incomplete' | 'dryRun' }
  | { do: 'ticket'; failed: boolean }
  | { do: 'resolve'; resolution: 'retry' | 'doneByHand' | 'close'; frees: boolean }
  | { do: 'watch' | 'alarm' | 'end watch' }
  | { do: 'recheck'; step: StepKind; outcome: 'applied' | 'unknown' };

export type Place =
  | 'reading'
  | 'deciding'
  | 'linked'
  | 'containing'
  | 'advising'
  | 'asking'
  | 'posting'
  | 'voting'
  | 'counted'
  | 'releasing'
  | 'announcing'
  | 'watching'
  | 'alarming'
  | 'noting the alarm'
  | 'handing over'
  | 'telling'
  | 'told'
  | 'noticing'
  | 'noting'
  | 'with a person'
  | 'noticing the end'
  | 'noting the end'
  | 'rechecking'
  | 'over';

export interface Model {
  readonly place: Place;
  /** Looks at the evidence since a person last sent the case back. */
  readonly rounds: number;
  /** Whom the case is about, as it was last read. */
  readonly about: Person | null;
  readonly linked: boolean;
  readonly contained: boolean;
  /** Somebody is in again, or it cannot be told: what was contained before counts for nothing. */
  readonly newRisk: boolean;
  /** Whether people are asked about a release after the containment. */
  readonly asksLater: boolean;
  /** What the containment and the decision leave for a person, once the rest is done. */
  readonly containmentLeaves: boolean;
  readonly decisionLeaves: 'nothing' | 'a step' | 'a look';
  readonly votes: Readonly<Partial<Record<VoterName, 'approve' | 'deny'>>>;
  /** Of the containment, and of the release: no step is part of both. */
  readonly steps: Steps;
  /** Why a person must look. */
  readonly because: ReviewReason | null;
  /** The place that gave the case to a person. */
  readonly from: Place | null;
  /** Whether the ticket could not be told of it. */
  readonly noteFailed: boolean;
  readonly retries: number;
  readonly resolution: 'retry' | 'doneByHand' | 'close' | null;
  /** Writes in doubt of which somebody has said, at any time, that they did not happen. */
  readonly freed: readonly StepKind[];
  readonly toLook: readonly StepKind[];
  /** It was begun anew after a release of which something was done: by a person, or by new risk where something is left. */
  readonly loosenedBefore: boolean;
  /** Whether new risk has shown after the release, and everybody knows. */
  readonly alarm: 'none' | 'untold' | 'told';
  readonly alarms: number;
  /** Where the case goes once everybody knows. */
  readonly aim: Place | null;
  /** Events so far; one minute passes with each, and the evidence is of the first minute. */
  readonly events: number;
}
type Steps = Readonly<Partial<Record<StepKind, StepState>>>;
interface StepState {
  attempts: number;
  /** Nothing is called for it. */
  dry: boolean;
  outcome: 'applied' | 'refused' | 'unknown' | 'throttled' | 'dryRun' | null;
}

export const start: Model = {
  place: 'reading',
  rounds: 0,
  about: null,
  linked: false,
  contained: false,
  newRisk: false,
  asksLater: false,
  containmentLeaves: false,
  decisionLeaves: 'nothing',
  votes: {},
  steps: {},
  because: null,
  from: null,
  noteFailed: false,
  retries: 0,
  resolution: null,
  freed: [],
  toLook: [],
  loosenedBefore: false,
  alarm: 'none',
  alarms: 0,
  aim: null,
  events: 1,
};

export const containment: readonly StepKind[] = ['revokeSessions', 'raiseRisk'];
export const release: readonly StepKind[] = ['dismissRisk', 'enableAccount'];
const mostRounds = 3;
const mostAlarms = 3;
const mostAttempts = 8;
export const mostRetries = 10;
/** Where nobody knows yet whom the case is about, to try again is all that one can do. */
export const mostUnreadRetries = 100;

const plan = ({ place }: Model) =>
  place === 'containing' ? containment : place === 'releasing' ? release : [];
const only = (steps: Steps, among: readonly StepKind[], applied = false): Steps =>
  Object.fromEntries(
    among.flatMap((step) => {
      const state = steps[step];
      return state && (!applied || state.outcome === 'applied') ? [[step, state]] : [];
    }),
  );
/** One of SecOps and the manager must say yes; each of them may say no. */
const roleOf = ({ about }: Model, voter: VoterName) =>
  voter === about ? null : voter === 'manager' ? 'manager' : voter === 'stranger' ? null : 'secops';

function yes(m: Model, role: 'secops' | 'manager'): boolean {
  return voters.some((voter) => m.votes[voter] === 'approve' && roleOf(m, voter) === role);
}

export function counted(m: Model): 'approved' | 'denied' | 'open' {
  if (Object.values(m.votes).includes('deny')) return 'denied';
  return yes(m, 'secops') && yes(m, 'manager') ? 'approved' : 'open';
}

/** Minutes for which evidence may stand under a question that is asked again. */
const youngMinutes = 30;

/** Steps of which it is not known what they did. */
const open = ({ steps }: Model, among: readonly StepKind[]): StepKind[] =>
  among.filter((step) => steps[step]?.outcome === null || steps[step]?.outcome === 'unknown');
/** Writes that may have happened: nobody may begin them again. */
const doubts = (m: Model): StepKind[] =>
  open(m, [...containment, ...release]).filter((step) => !m.steps[step]?.dry);

const allOf = ({ steps }: Model, among: readonly StepKind[], ...outcomes: readonly StepState['outcome'][]) =>
  among.every((step) => outcomes.includes(steps[step]?.outcome ?? null));
const anyApplied = ({ steps }: Model) => release.some((step) => steps[step]?.outcome === 'applied');

/** The model after a move, or null where the design does not allow it. */
export function after(m: Model, move: Move): Model | null {
  const next = moved(m, move);
  return next && { ...next, events: m.events + 1 };
}

function moved(m: Model, move: Move): Model | null {
  const at = (...places: Place[]) => places.includes(m.place);
  const to = (place: Place, more: Partial<Model> = {}): Model => ({ ...m, place, ...more });
  switch (move.do) {
    case 'collect':
      return at('reading') ? read(m, move) : null;
    case 'link':
      return at('reading') && m.alarm !== 'untold' ? to('linked', { linked: true }) : null;
    case 'decide':
      return at('deciding') ? decided(m, move) : null;
    case 'advise':
      return at('advising') ? to('asking') : null;
    case 'ask':
      return at('asking') ? to('posting', { votes: {} }) : null;
    case 'notice':
      if (at('posting', 'voting')) return to('voting');
      if (at('alarming')) return to('noting the alarm');
      if (at('noticing the end')) return to('noting the end');
      return at('noticing') ? to('noting') : null;
    case 'vote':
      return voted(m, move.voter, move.choice);
    case 'settle':
      return settled(m, move.outcome);
    case 'start':
      return started(m, move);
    case 'answer':
      // It is written down what Graph said; what it did is known once it is read back.
      return plan(m).includes(move.step) && m.steps[move.step]?.outcome === null ? m : null;
    case 'finish': {
      const step = m.steps[move.step];
      if (!plan(m).includes(move.step) || !step || step.outcome !== null) return null;
      if (step.dry !== (move.outcome === 'dryRun')) return null;
      return { ...m, steps: { ...m.steps, [move.step]: { ...step, outcome: move.outcome } } };
    }
    case 'complete':
      return completed(m, move.result);
    case 'void': {
      const begun = plan(m).some((step) => m.steps[step] && m.steps[step]?.outcome !== 'throttled');
      if (!at('containing', 'releasing') || begun) return null;
      const voided: Partial<Model> = at('containing')
        ? { contained: false, containmentLeaves: false, steps: {} }
        : { steps: only(m.steps, containment) };
      return m.rounds >= mostRounds
        ? to('handing over', { ...voided, because: 'approvalVoid' })
        : to('reading', voided);
    }
    case 'watch': {
      if (m.steps.dismissRisk?.outcome !== 'applied') return null;
      // Also where the release stopped half way, with nothing in doubt.
      const done = at('releasing') ? completed(m, 'done') : null;
      const half =
        at('releasing') && anyApplied(m) && open(m, release).length === 0 ? completed(m, 'incomplete') : null;
      return (done ?? half) && { ...m, place: 'announcing', alarm: 'none', aim: null };
    }
    case 'alarm':
      return at('watching') ? alarmed(m) : null;
    case 'end watch':
      if (!at('watching')) return null;
      return allOf(m, release, 'applied') ? finished(m) : broken(m, release);
    case 'ticket':
      // What waits behind these notes is worth more than the note.
      if (move.failed && !at('announcing', 'noting', 'noting the end')) return null;
      if (at('telling', 'linked')) return to('told');
      if (at('announcing')) return to('watching');
      if (at('noting the alarm')) return to(m.aim ?? 'telling', { alarm: 'told', aim: null });
      if (at('noting the end')) return ended(m);
      return at('noting') ? to('with a person', { noteFailed: move.failed }) : null;
    case 'close':
      return at('told') ? to('over') : null;
    case 'giveUp':
      if (at('noticing', 'noting', 'with a person', 'noticing the end', 'noting the end', 'over'))
        return null;
      return to('noticing', { from: m.place, because: null, resolution: null });
    case 'resolve':
      if (!at('with a person')) return null;
      // Nobody knows who may not end it, unless another case takes care of it.
      if (move.resolution !== 'retry' && unread(m)) return null;
      if (move.resolution === 'retry' && m.retries >= (unread(m) ? mostUnreadRetries : mostRetries))
        return null;
      return to('noticing the end', { resolution: move.resolution, freed: move.frees ? doubts(m) : m.freed });
    case 'recheck':
      return rechecked(m, move.step, move.outcome);
  }
}

const unread = ({ about, linked }: Model) => about === null && !linked;

function read(m: Model, { about, found }: Extract<Move, { do: 'collect' }>): Model | null {
  const corrected = about !== m.about;
  if (corrected && m.alarm === 'untold') return null;
  // What was done to the one says nothing about the other.
  const past = corrected ? { contained: false, containmentLeaves: false, steps: {} } : {};
  const next: Model = { ...m, ...past, place: 'deciding', rounds: m.rounds + 1, about, votes: {} };
  const raised = next.steps.raiseRisk && !next.steps.raiseRisk.dry;
  const quiet = found === 'nothing new' || (found === 'our word' && raised);
  return { ...next, newRisk: !quiet };
}

function decided(m: Model, { course, leaves }: Extract<Move, { do: 'decide' }>): Model | null {
  const asksLater = course === 'contain and ask' || course === 'ask';
  // What a person must look at first is not released.
  if (asksLater && leaves === 'a look') return null;
  const decisionLeaves = asksLater || leaves === 'a look' ? leaves : 'nothing';
  const next: Model = { ...m, asksLater, decisionLeaves };
  if (course === 'close') return knownFirst({ ...next, place: 'telling' });
  if (course === 'hold') return { ...next, place: 'handing over', because: 'policyHold' };
  // Containment stands, unless somebody is in again: it is neither undone nor done again.
  if (course !== 'ask' && (!m.contained || m.newRisk)) {
    // What is proven of a containment that was broken off counts.
    const steps = m.contained || m.newRisk ? {} : only(m.steps, containment, true);
    const containmentLeaves = leaves === 'a step';
    return { ...next, place: 'containing', steps, contained: false, containmentLeaves };
  }
  return knownFirst(asksLater ? { ...next, place: 'advising' } : finished(next));
}

/** Nothing is left to do, but perhaps for a person. */
function finished(m: Model): Model {
  const because =
    m.containmentLeaves || m.decisionLeaves === 'a step'
      ? 'manualStepsRemain'
      : m.decisionLeaves === 'a look'
        ? 'containmentHeld'
        : null;
  return because ? { ...m, place: 'handing over', because } : { ...m, place: 'telling' };
}

function broken(m: Model, steps: readonly StepKind[]): Model {
  const because = open(m, steps).length > 0 ? 'actionUnknown' : 'actionRefused';
  return { ...m, place: 'handing over', because };
}

/** New risk after a release starts the case over; what was done before counts for nothing, and what is left is known. */
function alarmed(m: Model): Model {
  const alarm = { alarms: m.alarms + 1, alarm: 'untold' } as const;
  return {
    ...m,
    ...alarm,
    place: 'reading',
    rounds: 0,
    contained: false,
    containmentLeaves: false,
    steps: {},
    loosenedBefore: !allOf(m, release, 'applied') || m.decisionLeaves === 'a step',
  };
}

/** Nobody is asked, and nothing ends, before everybody knows of new risk. After the last alarm a person looks. */
function knownFirst(m: Model): Model {
  if (m.alarm !== 'untold' || m.place === 'handing over') return m;
  if (m.alarms >= mostAlarms) return { ...m, place: 'handing over', because: 'alarmedAgain' };
  return { ...m, place: 'alarming', aim: m.place };
}

function voted(m: Model, voter: VoterName, choice: 'approve' | 'deny'): Model | null {
  const role = roleOf(m, voter);
  if (m.place !== 'voting' || !role || counted(m) !== 'open' || m.votes[voter] === choice) return null;
  if (choice === 'approve' && yes(m, role)) return null;
  const next = { ...m, votes: { ...m.votes, [voter]: choice } };
  return { ...next, place: counted(next) === 'open' ? 'voting' : 'counted' };
}

function settled(m: Model, outcome: 'approved' | 'denied' | 'expired'): Model | null {
  if (outcome === 'expired') {
    return m.place === 'voting' ? { ...m, place: 'handing over', because: 'approvalExpired' } : null;
  }
  if (m.place !== 'counted' || counted(m) !== outcome) return null;
  return outcome === 'approved'
    ? { ...m, place: 'releasing', steps: only(m.steps, containment) }
    : { ...m, place: 'handing over', because: 'approvalDenied' };
}

function started(m: Model, { step, dry }: Extract<Move, { do: 'start' }>): Model | null {
  const earlier = m.steps[step];
  if (!plan(m).includes(step) || (earlier && earlier.outcome !== 'throttled')) return null;
  const attempts = (earlier?.attempts ?? 0) + 1;
  return { ...m, steps: { ...m.steps, [step]: { attempts, dry, outcome: null } } };
}

function completed(m: Model, result: 'done' | 'incomplete' | 'dryRun'): Model | null {
  const steps = plan(m);
  const done = allOf(m, steps, 'applied');
  const says = done ? 'done' : allOf(m, steps, 'applied', 'dryRun') ? 'dryRun' : 'incomplete';
  if (steps.length === 0 || says !== result) return null;
  if (says === 'incomplete') return broken(m, steps);
  const contained = m.place === 'containing' ? done : m.contained;
  const goesOn = m.place === 'containing' && m.asksLater;
  const next: Model = goesOn ? { ...m, contained, place: 'advising' } : finished({ ...m, contained });
  // A case does not end on what was only played.
  return says === 'dryRun' && !goesOn
    ? { ...next, place: 'handing over', because: 'dryRun' }
    : knownFirst(next);
}

/** A person has ended the review, and everybody knows. */
function ended(m: Model): Model {
  if (m.resolution !== 'retry') return { ...m, place: 'told' };
  const toLook = doubts(m);
  const tried = { ...m, retries: m.retries + 1 };
  return toLook.length > 0 ? { ...tried, place: 'rechecking', toLook } : resumed(tried);
}

function rechecked(m: Model, step: StepKind, outcome: 'applied' | 'unknown'): Model | null {
  const state = m.steps[step];
  if (m.place !== 'rechecking' || !state || !m.toLook.includes(step)) return null;
  const toLook = m.toLook.filter((left) => left !== step);
  const looked = { ...m, toLook, steps: { ...m.steps, [step]: { ...state, outcome } } };
  if (toLook.length > 0) return looked;
  if (doubts(looked).some((left) => !m.freed.includes(left)))
    return { ...looked, place: 'handing over', because: 'actionUnknown', resolution: null };
  if (allOf(looked, release, 'applied')) return { ...looked, place: 'releasing', resolution: null };
  return resumed({ ...looked, contained: m.contained || allOf(looked, containment, 'applied') });
}

/** Where a retry goes on: with what is only to be told, and else from the start. */
function resumed(m: Model): Model {
  const { from, contained, about, retries, events } = m;
  const on: Model = { ...m, resolution: null };
  if (from === 'linked' || from === 'telling' || from === 'told') return { ...on, place: from };
  if (from === 'announcing' || from === 'watching') return { ...on, place: from };
  if (from === 'posting' && events <= youngMinutes) return { ...on, place: 'asking', rounds: 0 };
  const steps = only(m.steps, containment, true);
  const containmentLeaves = m.containmentLeaves && Object.keys(steps).length > 0;
  const loosenedBefore = m.loosenedBefore || anyApplied(m);
  return { ...start, contained, about, retries, events, loosenedBefore, steps, containmentLeaves };
}

/** What the executor is to do: start, look, or finish. A release stops at the first step that is not applied. */
export function duty(m: Model): string | null {
  const steps = plan(m);
  if (steps.length === 0) return null;
  const looked: string[] = [];
  for (const step of steps) {
    const state = m.steps[step];
    const again = state?.outcome === 'throttled' && state.attempts < mostAttempts;
    if (!state || again) return looked[0] && m.place === 'releasing' ? looked[0] : `start ${step}`;
    if (state.outcome === null) looked.push(`reconcile ${step}`);
    if (m.place === 'releasing' && state.outcome !== 'applied' && state.outcome !== 'dryRun') break;
  }
  const done = allOf(m, steps, 'applied');
  const played = allOf(m, steps, 'applied', 'dryRun');
  return looked[0] ?? `complete ${done ? 'done' : played ? 'dryRun' : 'incomplete'}`;
}

/** Who acts next, or null where only a person or nobody does. */
export function waitsFor({ place, because }: Model): Stage | null {
  const finders: Readonly<Partial<Record<ReviewReason, Stage>>> = {
    policyHold: 'policy',
    approvalDenied: 'approval',
    approvalExpired: 'approval',
    alarmedAgain: 'context',
  };
  const stages: Readonly<Record<Place, Stage | null>> = {
    reading: 'context',
    deciding: 'policy',
    linked: 'audit',
    containing: 'executor',
    advising: 'triage',
    asking: 'approval',
    posting: 'approval',
    voting: 'approval',
    counted: 'approval',
    releasing: 'executor',
    announcing: 'audit',
    watching: 'context',
    alarming: 'approval',
    'noting the alarm': 'audit',
    'handing over': because && (finders[because] ?? 'executor'),
    telling: 'audit',
    told: 'audit',
    noticing: 'approval',
    noting: 'audit',
    'with a person': null,
    'noticing the end': 'approval',
    'noting the end': 'audit',
    rechecking: 'executor',
    over: null,
  };
  return stages[place];
}
