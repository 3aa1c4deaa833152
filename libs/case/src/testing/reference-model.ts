/**
 * The life of a case in the words of the design, as small as it can be said: where it stands, what may happen there,
 * and who acts next. Written from the design and not from the fold, which is on trial against it.
 */
import type { Stage, StepKind } from '@sallyport/evidence';

export const voters = ['ada', 'bob', 'manager', 'stranger', 'subject'] as const;
export type VoterName = (typeof voters)[number];

export type Move =
  | { do: 'collect' | 'link' | 'advise' | 'ask' | 'notice' | 'ticket' | 'close' | 'giveUp' | 'void' }
  | { do: 'decide'; course: 'contain' | 'contain and ask' | 'ask' | 'hold' | 'close' }
  | { do: 'vote'; voter: VoterName; choice: 'approve' | 'deny' }
  | { do: 'settle'; outcome: 'approved' | 'denied' | 'expired' }
  | { do: 'start'; step: StepKind }
  | { do: 'finish'; step: StepKind; outcome: 'applied' | 'refused' | 'unknown' | 'throttled' }
  | { do: 'complete'; result: 'done' | 'incomplete' }
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
  /** Whether it was ever read whom the case is about. */
  readonly read: boolean;
  readonly contained: boolean;
  /** Whether people are asked about a release after the containment. */
  readonly asksLater: boolean;
  readonly votes: Readonly<Partial<Record<VoterName, 'approve' | 'deny'>>>;
  readonly steps: Readonly<Partial<Record<StepKind, StepState>>>;
  /** Which plan the steps are of. */
  readonly run: 'containment' | 'release' | null;
  /** Which stage found that a person must look. */
  readonly foundBy: Stage | null;
  /** The place that gave the case to a person. */
  readonly from: Place | null;
  readonly resolution: 'retry' | 'doneByHand' | 'close' | null;
  /** The person has said of every write in doubt that it did not happen. */
  readonly frees: boolean;
  readonly toLook: readonly StepKind[];
  /** A person had it begun anew after a part of a release was done. */
  readonly loosenedBefore: boolean;
  /** Whether new risk has shown after the release, and everybody knows. */
  readonly alarm: 'none' | 'untold' | 'told';
  readonly alarms: number;
  /** Where the case goes once everybody knows. */
  readonly aim: Place | null;
  /** Events so far; one minute passes with each, and the evidence is of the first minute. */
  readonly events: number;
}
interface StepState {
  attempts: number;
  outcome: 'applied' | 'refused' | 'unknown' | 'throttled' | null;
}

export const start: Model = {
  place: 'reading',
  rounds: 0,
  read: false,
  contained: false,
  asksLater: false,
  votes: {},
  steps: {},
  run: null,
  foundBy: null,
  from: null,
  resolution: null,
  frees: false,
  toLook: [],
  loosenedBefore: false,
  alarm: 'none',
  alarms: 0,
  aim: null,
  events: 1,
};

export const containment: readonly StepKind[] = ['revokeSessions', 'forcePasswordChange'];
export const release: readonly StepKind[] = ['dismissRisk', 'enableAccount'];
const mostRounds = 3;
const mostAlarms = 3;
const mostAttempts = 8;

const plan = ({ place }: Model) =>
  place === 'containing' ? containment : place === 'releasing' ? release : [];
/** One of SecOps and the manager must say yes; each of them may say no. */
const roleOf = (voter: VoterName) =>
  voter === 'ada' || voter === 'bob' ? 'secops' : voter === 'manager' ? 'manager' : null;

function yes({ votes }: Model, role: 'secops' | 'manager'): boolean {
  return voters.some((voter) => votes[voter] === 'approve' && roleOf(voter) === role);
}

export function counted(m: Model): 'approved' | 'denied' | 'open' {
  if (Object.values(m.votes).includes('deny')) return 'denied';
  return yes(m, 'secops') && yes(m, 'manager') ? 'approved' : 'open';
}

/** Minutes for which evidence may stand under a question that is asked again. */
const youngMinutes = 30;

/** Writes that may have happened: nobody may begin them again. */
const doubts = ({ steps }: Model): StepKind[] =>
  [...containment, ...release].filter((step) => {
    const state = steps[step];
    return state !== undefined && (state.outcome === null || state.outcome === 'unknown');
  });

const allApplied = ({ steps }: Model) => release.every((step) => steps[step]?.outcome === 'applied');
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
      return at('reading') ? to('deciding', { rounds: m.rounds + 1, read: true, votes: {} }) : null;
    case 'link':
      return at('reading') && m.alarm !== 'untold' ? to('linked') : null;
    case 'decide':
      return at('deciding') ? decided(m, move.course) : null;
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
      return started(m, move.step);
    case 'finish': {
      const step = m.steps[move.step];
      if (!plan(m).includes(move.step) || !step || step.outcome !== null) return null;
      return { ...m, steps: { ...m.steps, [move.step]: { ...step, outcome: move.outcome } } };
    }
    case 'complete':
      return completed(m, move.result);
    case 'void': {
      const begun = Object.values(m.steps).some((step) => step.outcome !== 'throttled');
      if (!at('containing', 'releasing') || begun) return null;
      const voided = { steps: {}, ...(at('containing') && { contained: false }) };
      return m.rounds >= mostRounds
        ? to('handing over', { ...voided, foundBy: 'executor' })
        : to('reading', voided);
    }
    case 'watch': {
      if (m.steps.dismissRisk?.outcome !== 'applied') return null;
      // Also where the release stopped half way, with nothing in doubt.
      const done = at('releasing') ? completed(m, 'done') : null;
      const half =
        at('releasing') && anyApplied(m) && doubts(m).length === 0 ? completed(m, 'incomplete') : null;
      return (done ?? half) && { ...m, place: 'announcing', alarm: 'none', aim: null };
    }
    case 'alarm':
      return at('watching') ? alarmed(m) : null;
    case 'end watch':
      if (!at('watching')) return null;
      return allApplied(m) ? to('telling') : to('handing over', { foundBy: 'executor' });
    case 'ticket':
      if (at('telling', 'linked')) return to('told');
      if (at('announcing')) return to('watching');
      if (at('noting the alarm')) return to(m.aim ?? 'telling', { alarm: 'told', aim: null });
      if (at('noting the end')) return ended(m);
      return at('noting') ? to('with a person') : null;
    case 'close':
      return at('told') ? to('over') : null;
    case 'giveUp':
      if (at('noticing', 'noting', 'with a person', 'noticing the end', 'noting the end', 'over'))
        return null;
      return to('noticing', { from: m.place, resolution: null });
    case 'resolve':
      if (!at('with a person')) return null;
      // Nobody knows who may not end it, unless another case takes care of it.
      if (move.resolution !== 'retry' && !m.read && m.from !== 'linked' && m.from !== 'told') return null;
      return to('noticing the end', { resolution: move.resolution, frees: move.frees });
    case 'recheck':
      return rechecked(m, move.step, move.outcome);
  }
}

function decided(m: Model, course: Extract<Move, { do: 'decide' }>['course']): Model {
  const asksLater = course === 'contain and ask' || course === 'ask';
  const to = (place: Place, more: Partial<Model> = {}): Model => ({ ...m, asksLater, place, ...more });
  if (course === 'close') return knownFirst(to('telling'));
  if (course === 'hold') return to('handing over', { foundBy: 'policy' });
  // Containment stands: it is neither undone nor done again.
  if (course !== 'ask' && !m.contained) {
    // What is proven of a containment that was broken off counts.
    return to('containing', { run: 'containment', steps: m.run === 'containment' ? m.steps : {} });
  }
  return knownFirst(to(asksLater ? 'advising' : 'telling'));
}

/** New risk after a release starts the case over; what was done before counts for nothing. */
function alarmed(m: Model): Model {
  const alarm = { alarms: m.alarms + 1, alarm: 'untold' } as const;
  return { ...m, ...alarm, place: 'reading', rounds: 0, contained: false, steps: {}, run: null };
}

/** Nobody is asked, and nothing ends, before everybody knows of new risk. After the last alarm a person looks. */
function knownFirst(m: Model): Model {
  if (m.alarm !== 'untold') return m;
  if (m.alarms >= mostAlarms) return { ...m, place: 'handing over', foundBy: 'context' };
  return { ...m, place: 'alarming', aim: m.place };
}

function voted(m: Model, voter: VoterName, choice: 'approve' | 'deny'): Model | null {
  const role = roleOf(voter);
  if (m.place !== 'voting' || !role || counted(m) !== 'open' || m.votes[voter] === choice) return null;
  if (choice === 'approve' && yes(m, role)) return null;
  const next = { ...m, votes: { ...m.votes, [voter]: choice } };
  return { ...next, place: counted(next) === 'open' ? 'voting' : 'counted' };
}

function settled(m: Model, outcome: 'approved' | 'denied' | 'expired'): Model | null {
  if (outcome === 'expired') {
    return m.place === 'voting' ? { ...m, place: 'handing over', foundBy: 'approval' } : null;
  }
  if (m.place !== 'counted' || counted(m) !== outcome) return null;
  return outcome === 'approved'
    ? { ...m, place: 'releasing', run: 'release', steps: {} }
    : { ...m, place: 'handing over', foundBy: 'approval' };
}

function started(m: Model, step: StepKind): Model | null {
  const earlier = m.steps[step];
  if (!plan(m).includes(step) || (earlier && earlier.outcome !== 'throttled')) return null;
  const attempts = (earlier?.attempts ?? 0) + 1;
  return { ...m, steps: { ...m.steps, [step]: { attempts, outcome: null } } };
}

function completed(m: Model, result: 'done' | 'incomplete'): Model | null {
  const steps = plan(m);
  const done = steps.length > 0 && steps.every((step) => m.steps[step]?.outcome === 'applied');
  if (steps.length === 0 || done !== (result === 'done')) return null;
  const contained = m.place === 'containing' ? done : m.contained;
  if (!done) return { ...m, contained, place: 'handing over', foundBy: 'executor' };
  return knownFirst({
    ...m,
    contained,
    place: m.place === 'containing' && m.asksLater ? 'advising' : 'telling',
  });
}

/** A person has ended the review, and everybody knows. */
function ended(m: Model): Model {
  if (m.resolution !== 'retry') return { ...m, place: 'told' };
  const toLook = doubts(m);
  return toLook.length > 0 ? { ...m, place: 'rechecking', toLook } : resumed(m);
}

function rechecked(m: Model, step: StepKind, outcome: 'applied' | 'unknown'): Model | null {
  const state = m.steps[step];
  if (m.place !== 'rechecking' || !state || !m.toLook.includes(step)) return null;
  const toLook = m.toLook.filter((left) => left !== step);
  const looked = { ...m, toLook, steps: { ...m.steps, [step]: { ...state, outcome } } };
  if (toLook.length > 0) return looked;
  if (doubts(looked).length > 0 && !m.frees)
    return { ...looked, place: 'handing over', foundBy: 'executor', resolution: null };
  const all = (steps: readonly StepKind[]) =>
    steps.every((each) => looked.steps[each]?.outcome === 'applied');
  if (m.run === 'release' && all(release)) return { ...looked, place: 'releasing', resolution: null };
  return resumed({ ...looked, contained: m.contained || (m.run === 'containment' && all(containment)) });
}

/** Where a retry goes on: with what is only to be told, and else from the start. */
function resumed(m: Model): Model {
  const { from, contained, read, events } = m;
  const on: Model = { ...m, resolution: null, frees: false };
  if (from === 'linked' || from === 'telling' || from === 'told') return { ...on, place: from };
  if (from === 'announcing' || from === 'watching') return { ...on, place: from };
  if (from === 'posting' && events <= youngMinutes) return { ...on, place: 'asking', rounds: 0 };
  const applied = Object.entries(m.steps).filter(([, { outcome }]) => outcome === 'applied');
  const kept = m.run === 'containment' && !contained ? Object.fromEntries(applied) : {};
  const loosenedBefore = m.loosenedBefore || (m.run === 'release' && applied.length > 0);
  const run = m.run === 'containment' ? m.run : null;
  return { ...start, contained, read, events, loosenedBefore, steps: kept, run };
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
    if (m.place === 'releasing' && state.outcome !== 'applied') break;
  }
  const done = steps.every((step) => m.steps[step]?.outcome === 'applied');
  return looked[0] ?? `complete ${done ? 'done' : 'incomplete'}`;
}

/** Who acts next, or null where only a person or nobody does. */
export function waitsFor({ place, foundBy }: Model): Stage | null {
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
    'handing over': foundBy,
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
