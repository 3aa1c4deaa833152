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
  | { do: 'resolve'; resolution: 'retry' | 'closeByHand' };

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
  | 'handing over'
  | 'telling'
  | 'told'
  | 'noticing'
  | 'noting'
  | 'with a person'
  | 'over';

export interface Model {
  readonly place: Place;
  /** Looks at the evidence since a person last sent the case back. */
  readonly rounds: number;
  readonly contained: boolean;
  /** Whether people are asked about a release after the containment. */
  readonly asksLater: boolean;
  readonly votes: Readonly<Partial<Record<VoterName, 'approve' | 'deny'>>>;
  readonly steps: Readonly<Partial<Record<StepKind, StepState>>>;
  /** Which stage found that a person must look. */
  readonly foundBy: Stage | null;
}
interface StepState {
  attempts: number;
  outcome: 'applied' | 'refused' | 'unknown' | 'throttled' | null;
}

export const start: Model = {
  place: 'reading',
  rounds: 0,
  contained: false,
  asksLater: false,
  votes: {},
  steps: {},
  foundBy: null,
};

export const containment: readonly StepKind[] = ['revokeSessions', 'forcePasswordChange'];
export const release: readonly StepKind[] = ['dismissRisk', 'enableAccount'];
const mostRounds = 3;
const mostAttempts = 5;

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

/** The model after a move, or null where the design does not allow it. */
export function after(m: Model, move: Move): Model | null {
  const at = (...places: Place[]) => places.includes(m.place);
  const to = (place: Place, more: Partial<Model> = {}): Model => ({ ...m, place, ...more });
  switch (move.do) {
    case 'collect':
      return at('reading') ? to('deciding', { rounds: m.rounds + 1, votes: {} }) : null;
    case 'link':
      return at('reading') ? to('linked') : null;
    case 'decide':
      return at('deciding') ? decided(m, move.course) : null;
    case 'advise':
      return at('advising') ? to('asking') : null;
    case 'ask':
      return at('asking') ? to('posting', { votes: {} }) : null;
    case 'notice':
      if (at('posting', 'voting')) return to('voting');
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
    case 'ticket':
      if (at('telling', 'linked')) return to('told');
      return at('noting') ? to('with a person') : null;
    case 'close':
      return at('told') ? to('over') : null;
    case 'giveUp':
      return at('noticing', 'noting', 'with a person', 'over') ? null : to('noticing', { steps: {} });
    case 'resolve':
      if (!at('noticing', 'noting', 'with a person')) return null;
      if (move.resolution === 'closeByHand') return to('over');
      return { ...start, contained: m.contained };
  }
}

function decided(m: Model, course: Extract<Move, { do: 'decide' }>['course']): Model {
  const asksLater = course === 'contain and ask' || course === 'ask';
  const to = (place: Place, more: Partial<Model> = {}): Model => ({ ...m, asksLater, place, ...more });
  if (course === 'close') return to('telling');
  if (course === 'hold') return to('handing over', { foundBy: 'policy' });
  // Containment stands: it is neither undone nor done again.
  if (course !== 'ask' && !m.contained) return to('containing', { steps: {} });
  return to(asksLater ? 'advising' : 'telling');
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
    ? { ...m, place: 'releasing', steps: {} }
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
  return { ...m, contained, place: m.place === 'containing' && m.asksLater ? 'advising' : 'telling' };
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
    'handing over': foundBy,
    telling: 'audit',
    told: 'audit',
    noticing: 'approval',
    noting: 'audit',
    'with a person': null,
    over: null,
  };
  return stages[place];
}
